//! What a configuration says about values, compiled for the filter.

use super::{Key, Unsupported};
use crate::config::{Action, ClassAction, Config, TokenCharset, TokenFormat};
use crate::redact::actions::exceptions::Exception;
use crate::redact::actions::sign::Signer;
use crate::redact::actions::{Act, Actions};
use crate::redact::content::{Charset, Own};
use crate::redact::rows::Class;
use alloc::vec::Vec;

/// Each class that has a key, and what the configuration says of it.
fn classes(config: &Config) -> [(Class, ClassAction); 7] {
    let classes = &config.redact.classes;
    [
        (Class::ConfigMap, classes.config_map),
        (Class::Env, classes.env),
        (Class::Args, classes.args),
        (Class::CustomResource, classes.custom_resource),
        (Class::Uri, classes.uri),
        (Class::ErrorText, classes.error_text),
        (Class::Content, classes.content),
    ]
}

/// What is to be done but to mask; `None` if nothing is.
///
/// # Errors
/// A key is needed, and there is none.
pub(super) fn actions(config: &Config, key: Option<&Key>) -> Result<Option<Actions>, Unsupported> {
    let action = act(config.redact.action);
    let classes = classes(config);
    let mut actions = Actions::new(action, |class| {
        let said = classes.iter().find(|(known, _)| *known == class).map(|&(_, said)| said);
        match said {
            Some(ClassAction::Keep) => Act::Keep,
            Some(ClassAction::Do(said)) => act(said),
            Some(ClassAction::Auto) | None => action,
        }
    });
    if let Some(hmac) = &config.redact.hmac {
        let signer = key.and_then(|key| Signer::new(key.expose(), &hmac.key_id, hmac.per_namespace));
        actions.signer = Some(signer.ok_or(Unsupported::KEY)?);
    } else if config.needs_hmac() {
        return Err(Unsupported::KEY);
    }
    for kept in &config.redact.keep {
        let exception = Exception::new(&kept.resource, &kept.path, kept.namespace.as_deref());
        actions.exceptions.push(exception.ok_or(Unsupported::EXCEPTION)?);
    }
    Ok((!actions.is_mask()).then_some(actions))
}

/// The formats of tokens that the configuration adds.
pub(super) fn tokens(config: &Config) -> Vec<Own> {
    let own = |format: &TokenFormat| {
        let body = match format.charset {
            TokenCharset::Hex => Charset::HEX,
            TokenCharset::LowerAlphanumeric => Charset::SMALL,
            TokenCharset::UpperAlphanumeric => Charset::CAPITALS,
            TokenCharset::Alphanumeric => Charset::ALPHANUMERIC,
            TokenCharset::Word => Charset::WORD,
            TokenCharset::Base64 => Charset::BASE64,
            TokenCharset::Base64Url => Charset::BASE64_URL,
        };
        Own::new(&format.prefix, body, format.min_length, format.max_length)
    };
    config.redact.tokens.iter().map(own).collect()
}

fn act(action: Action) -> Act {
    match action {
        Action::Mask => Act::Mask,
        Action::Remove => Act::Remove,
        Action::Hmac => Act::Hmac,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::rows::{CLASSES, POSITIONS};

    #[test]
    fn the_table_says_what_is_done_without_a_class() {
        let config = crate::config::load(b"redact: {action: remove}").unwrap().config;
        let actions = actions(&config, None).unwrap().unwrap();
        for ((act, class), position) in actions.acts.iter().zip(CLASSES).zip(POSITIONS) {
            let expected = if class.is_masked_by_default() { Act::Mask } else { Act::Remove };
            assert_eq!(*act, expected, "{}", position.id);
        }
    }

    #[test]
    fn a_class_has_the_key_that_it_says() {
        for class in CLASSES {
            let Some(key) = class.key() else { continue };
            let text = alloc::format!("redact: {{classes: {{{key}: keep}}}}");
            let config = crate::config::load(text.as_bytes()).unwrap().config;
            let actions = actions(&config, None).unwrap().unwrap();
            for (act, other) in actions.acts.iter().zip(CLASSES) {
                assert_eq!(*act == Act::Keep, other == class, "{key}");
            }
        }
    }

    #[test]
    fn a_path_that_a_configuration_may_have_can_be_followed() {
        for path in [
            "a", "a.b", "a.*", "a[*]", "a[0].b", r"a\.b", r"a\[b", "", ".", "a.", "a..b", "a\\", "[0]", "a[",
            "a[]", "a[x]", "a[0]b", "a[*1]", "a]", "*[0]", "*.*",
        ] {
            let text = alloc::format!("redact: {{keep: [{{resource: x, path: '{path}', reason: because}}]}}");
            let allowed = crate::config::load(text.as_bytes()).is_ok();
            assert_eq!(allowed, Exception::new("x", path, None).is_some(), "{path}");
        }
    }
}
