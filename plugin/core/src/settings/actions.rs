//! What a configuration says about values, compiled for the filter.

use super::{Key, Unsupported};
use crate::config::{Action, ClassAction, Config};
use crate::redact::actions::exceptions::Exception;
use crate::redact::actions::sign::Signer;
use crate::redact::actions::{Act, Actions, has_rows};
use crate::redact::rows::Class;

/// Each class of the configuration, with the rows that it is about.
pub(super) fn classes(config: &Config) -> [(&'static str, Class, ClassAction); 7] {
    let classes = &config.redact.classes;
    [
        ("redact.classes.config_map", Class::ConfigMap, classes.config_map),
        ("redact.classes.env", Class::Env, classes.env),
        ("redact.classes.args", Class::Args, classes.args),
        ("redact.classes.custom_resource", Class::CustomResource, classes.custom_resource),
        ("redact.classes.uri", Class::Uri, classes.uri),
        ("redact.classes.error_text", Class::ErrorText, classes.error_text),
        ("redact.classes.content", Class::Content, classes.content),
    ]
}

/// The first class that is configured though nothing of it is looked for, and what it can be.
pub(super) fn without_rows(config: &Config) -> Option<(&'static str, &'static str)> {
    let default = Config::default();
    let mut both = classes(config).into_iter().zip(classes(&default));
    let found = both.find(|((_, class, said), (_, _, default))| said != default && !has_rows(*class));
    found.map(|((key, ..), (_, _, default))| match default {
        ClassAction::Auto => (key, "`auto`"),
        _ => (key, "`mask`"),
    })
}

/// What is to be done but to mask; `None` if nothing is.
///
/// # Errors
/// A key is needed, and there is none.
pub(super) fn actions(config: &Config, key: Option<&Key>) -> Result<Option<Actions>, Unsupported> {
    let action = act(config.redact.action);
    let classes = classes(config);
    let mut actions = Actions::new(action, |class| {
        let said = classes.iter().find(|(_, known, _)| *known == class).map(|&(_, _, said)| said);
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

fn act(action: Action) -> Act {
    match action {
        Action::Mask => Act::Mask,
        Action::Remove => Act::Remove,
        Action::Hmac => Act::Hmac,
    }
}
