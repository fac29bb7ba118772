//! What a configuration says about values, compiled for the filter.

use super::{Key, Unsupported};
use crate::config::{Action, ClassAction, Config};
use crate::redact::actions::exceptions::Exception;
use crate::redact::actions::sign::Signer;
use crate::redact::actions::{Act, Actions};
use crate::redact::rows::Class;

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

fn act(action: Action) -> Act {
    match action {
        Action::Mask => Act::Mask,
        Action::Remove => Act::Remove,
        Action::Hmac => Act::Hmac,
    }
}
