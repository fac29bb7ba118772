//! The types of `audit.k8s.io/v1`, as far as they decide whether a file loads.

use crate::document::{Field, Shape};

const TEXTS: &Shape = &Shape::List(&Shape::Text);
const BOOL: &Shape = &Shape::Bool;
const TEXT: &Shape = &Shape::Text;

const fn field(name: &'static str, shape: &'static Shape) -> Field {
    Field::new(name, shape)
}

/// pkg/apis/audit/v1/types.go. `kind` and `apiVersion` are checked before.
pub(super) const POLICY: Shape = Shape::Object(&[
    field("apiVersion", &Shape::Any),
    field("kind", &Shape::Any),
    field("metadata", OBJECT_META),
    field("rules", &Shape::List(RULE)),
    field("omitStages", TEXTS),
    field("omitManagedFields", BOOL),
]);

const RULE: &Shape = &Shape::Object(&[
    field("level", TEXT),
    field("users", TEXTS),
    field("userGroups", TEXTS),
    field("verbs", TEXTS),
    field("resources", &Shape::List(GROUP_RESOURCES)),
    field("namespaces", TEXTS),
    field("nonResourceURLs", TEXTS),
    field("omitStages", TEXTS),
    field("omitManagedFields", BOOL),
]);

const GROUP_RESOURCES: &Shape =
    &Shape::Object(&[field("group", TEXT), field("resources", TEXTS), field("resourceNames", TEXTS)]);

/// apimachinery's `ObjectMeta`: it means nothing to the policy, but a mistake in it refuses the file.
const OBJECT_META: &Shape = &Shape::Object(&[
    field("name", TEXT),
    field("generateName", TEXT),
    field("namespace", TEXT),
    field("selfLink", TEXT),
    field("uid", TEXT),
    field("resourceVersion", TEXT),
    field("generation", &Shape::Integer),
    field("creationTimestamp", &Shape::Time),
    field("deletionTimestamp", &Shape::Time),
    field("deletionGracePeriodSeconds", &Shape::Integer),
    field("labels", &Shape::Map(TEXT)),
    field("annotations", &Shape::Map(TEXT)),
    field("ownerReferences", &Shape::List(OWNER_REFERENCE)),
    field("finalizers", TEXTS),
    field("managedFields", &Shape::List(MANAGED_FIELDS)),
]);

const OWNER_REFERENCE: &Shape = &Shape::Object(&[
    field("apiVersion", TEXT),
    field("kind", TEXT),
    field("name", TEXT),
    field("uid", TEXT),
    field("controller", BOOL),
    field("blockOwnerDeletion", BOOL),
]);

const MANAGED_FIELDS: &Shape = &Shape::Object(&[
    field("manager", TEXT),
    field("operation", TEXT),
    field("apiVersion", TEXT),
    field("time", &Shape::Time),
    field("fieldsType", TEXT),
    field("fieldsV1", &Shape::Any),
    field("subresource", TEXT),
]);
