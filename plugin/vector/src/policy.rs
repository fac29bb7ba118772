//! An audit policy as conditions of VRL: the same decisions as [`auditveil_core::policy::Plan`], for whoever may read them.
//!
//! Every rule is two conditions: whether it surely matches, and whether it may, where the event does not tell all that
//! the rule asks for. For what an API server writes both are the same.

use crate::fill;
use crate::quote::{indent, list, pattern, text};
use auditveil_core::policy::{GroupResources, Level, Policy, Rule, Stage};

/// A condition that surely holds, and one that may.
struct Condition {
    sure: Vec<String>,
    may: Vec<String>,
}

impl Condition {
    fn new() -> Condition {
        Condition { sure: Vec::new(), may: Vec::new() }
    }

    /// One more that has to hold, about an attribute that `told` says the event tells.
    fn and(&mut self, told: &str, holds: &str) {
        self.sure.push(format!("{told} && {holds}"));
        self.may.push(format!("(!{told} || {holds})"));
    }

    fn print(parts: &[String]) -> String {
        if parts.is_empty() { "true".to_owned() } else { parts.join(" && ") }
    }
}

/// The section of a program that obeys what was decided.
pub(crate) const OBEY: &str = include_str!("program/obey.vrl");

/// The section of a program that decides.
pub(crate) fn print(policy: Option<&Policy>, without_bodies: bool) -> String {
    let template = match policy {
        Some(_) => include_str!("program/policy.vrl"),
        None if without_bodies => include_str!("program/metadata.vrl"),
        None => include_str!("program/no_policy.vrl"),
    };
    let at_most =
        if without_bodies { "\n    # `output.bodies: none`\n    if level > 1 { level = 1 }" } else { "" };
    let (rules, omits) = policy.map(parts).unwrap_or_default();
    fill(template, &[("rules", rules), ("omit_stages", omits), ("at_most", at_most.to_owned())])
}

/// The same for several policies, of which `.policy` beside the line says by number which one is asked.
pub(crate) fn print_several(policies: &[Policy]) -> String {
    let (mut rules, mut omits) = (String::new(), String::new());
    for (number, policy) in policies.iter().enumerate() {
        let (its_rules, its_omits) = parts(policy);
        rules += &format!("if beside.policy == {number} {{\n{its_rules}\n}}\n");
        omits += &format!("if beside.policy == {number} {{\n{its_omits}\n}}\n");
    }
    let template = include_str!("program/policy.vrl");
    fill(template, &[("rules", rules), ("omit_stages", omits), ("at_most", String::new())])
}

/// The rules of a policy, and what is done with an event of which no rule is sure.
fn parts(policy: &Policy) -> (String, String) {
    let rules: String =
        policy.rules.iter().enumerate().map(|(number, rule)| print_rule(policy, number, rule)).collect();
    let omits = format!("        if includes({}, stage) {{ abort }}", stages(&policy.omit_stages));
    (rules.trim_end().to_owned(), omits)
}

fn print_rule(policy: &Policy, number: usize, rule: &Rule) -> String {
    let mut common = Condition::new();
    if !rule.users.is_empty() {
        common.and("user_told", &format!("includes({}, username)", list(texts(&rule.users))));
    }
    if !rule.user_groups.is_empty() {
        let holds: Vec<String> =
            rule.user_groups.iter().map(|group| format!("includes(groups, {})", text(group))).collect();
        common.and("groups_told", &format!("({})", holds.join(" || ")));
    }
    if !rule.verbs.is_empty() {
        common.and("verb_told", &format!("includes({}, verb)", list(texts(&rule.verbs))));
    }
    let for_resources = !rule.resources.is_empty() || !rule.namespaces.is_empty();
    if for_resources {
        common.sure.push("target_kind == \"resource\"".to_owned());
        common.may.push("target_kind != \"path\"".to_owned());
        if !rule.namespaces.is_empty() {
            common.and("namespace_told", &format!("includes({}, namespace)", list(texts(&rule.namespaces))));
        }
    } else if !rule.non_resource_urls.is_empty() {
        common.sure.push("target_kind == \"path\"".to_owned());
        common.may.push("target_kind != \"resource\"".to_owned());
    }
    if !rule.non_resource_urls.is_empty() {
        let urls = urls(&rule.non_resource_urls);
        common.and("path_told", &format!("match(request_path, {urls})"));
    }
    let (mut sure, mut may) = (Condition::print(&common.sure), Condition::print(&common.may));
    if !rule.resources.is_empty() {
        let each: Vec<Condition> = rule.resources.iter().map(resources).collect();
        let any = |side: fn(&Condition) -> &Vec<String>| -> String {
            let each: Vec<String> =
                each.iter().map(|condition| format!("({})", Condition::print(side(condition)))).collect();
            format!("({})", each.join(" ||\n        "))
        };
        sure = format!("{sure} &&\n        {}", any(|condition| &condition.sure));
        may = format!("{may} &&\n        {}", any(|condition| &condition.may));
    }
    let mut omitted = policy.omit_stages.clone();
    omitted.extend(rule.omit_stages.iter().filter(|stage| !policy.omit_stages.contains(stage)));
    let mut does = String::new();
    if rule.level == Level::None {
        does += "        abort\n";
    } else {
        if !omitted.is_empty() {
            does += &format!("        if includes({}, stage) {{ abort }}\n", stages(&omitted));
        }
        let omits = rule.omit_managed_fields.unwrap_or(policy.omit_managed_fields);
        does +=
            &format!("        policy_level = {}\n        omit_managed_fields = {omits}\n", rule.level as u8);
    }
    let printed = format!(
        "# rules[{number}]: {name}\nif !decided && {sure} {{\n    decided = true\n    if !passed_over {{\n{does}    }}\n\
         }} else if !decided && !certain && {may} {{\n    passed_over = true\n}}\n",
        name = rule.level.name(),
    );
    indent(&printed, 4) + "\n"
}

fn resources(resources: &GroupResources) -> Condition {
    let mut condition = Condition::new();
    if resources.group != "*" {
        condition.and("group_is_told", &format!("api_group == {}", text(&resources.group)));
    }
    if !resources.resources.is_empty() && !resources.resources.iter().any(|pattern| pattern == "*") {
        let each: Vec<String> = resources.resources.iter().map(|pattern| resource(pattern)).collect();
        condition.and("resource_told", &format!("({})", each.join(" || ")));
    }
    if !resources.resource_names.is_empty() {
        condition
            .and("name_told", &format!("includes({}, object_name)", list(texts(&resources.resource_names))));
    }
    condition
}

/// `ruleMatchesResource` of `checker.go`: `combined` is `resource`, or `resource/subresource` where there is one.
fn resource(name: &str) -> String {
    let mut each = vec![format!("combined == {}", text(name))];
    if let Some(subresource) = name.strip_prefix("*/").filter(|subresource| !subresource.is_empty()) {
        each.push(format!("subresource == {}", text(subresource)));
    }
    if let Some(resource) = name.strip_suffix("/*") {
        each.push(format!("resource_name == {}", text(resource)));
    }
    each.join(" || ")
}

/// `pathMatches` of `checker.go`: a path exactly, or up to the stars at the end.
fn urls(urls: &[String]) -> String {
    let each: Vec<String> = urls
        .iter()
        .map(|url| match url.strip_suffix('*') {
            Some(_) => format!("{}[\\s\\S]*", pattern(url.trim_end_matches('*'))),
            None => pattern(url),
        })
        .collect();
    format!("r'^(?:{})$'", each.join("|"))
}

fn stages(stages: &[Stage]) -> String {
    list(stages.iter().map(|stage| stage.name()))
}

fn texts(texts: &[String]) -> impl Iterator<Item = &str> {
    texts.iter().map(String::as_str)
}
