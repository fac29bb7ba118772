//! Conditions as expressions of VRL: `docs/conditions.md` has the language.
//!
//! A condition may be unknown, and only one that is true fires. So each is printed as what has to hold for it to be *true*,
//! and, below a `not`, as what has to hold for it to be *false*; what is neither is unknown. A test of a text that is in a
//! variable is one expression; one of what a path leads to is a loop before it, which notes what it has seen. Conditions, their
//! tests and tests of items are printed by one type, which gives out the variables' names: that is why the file is long.

use crate::quote::{alternatives, indent, pattern, text};
use auditveil_core::enrich::view::{About, ItemQuestion, Operation, Question, Says, Way};

/// Why a condition cannot be asked in VRL.
pub(crate) type Why = &'static str;

/// What stands in place of a text that was hidden.
const MASK: &str = "[REDACTED]";

/// What a program knows otherwise than the filter.
const REDACTED: Why = "a program hides more than the filter, and cannot tell what of that is a credential";
const TIME: Why = "times are not compared in a program";
const NAME: Why = "a member's name has a sign in it that no path of VRL can have";

/// A condition as a tree.
#[derive(Debug)]
pub(crate) enum Tree<'a, T> {
    Test(&'a T),
    Not(Box<Tree<'a, T>>),
    And(Box<Tree<'a, T>>, Box<Tree<'a, T>>),
    Or(Box<Tree<'a, T>>, Box<Tree<'a, T>>),
}

impl<'a, T> Tree<'a, T> {
    /// Of steps that leave one result, as those of every condition do.
    pub(crate) fn new(steps: &'a [Operation<T>]) -> Option<Tree<'a, T>> {
        let mut stack = Vec::new();
        for step in steps {
            let made = match step {
                Operation::Test(test) => Tree::Test(test),
                Operation::Not => Tree::Not(Box::new(stack.pop()?)),
                Operation::And | Operation::Or => {
                    let (right, left) = (Box::new(stack.pop()?), Box::new(stack.pop()?));
                    if matches!(step, Operation::And) {
                        Tree::And(left, right)
                    } else {
                        Tree::Or(left, right)
                    }
                }
            };
            stack.push(made);
        }
        stack.pop()
    }

    /// What stands between its outermost `and`s.
    pub(crate) fn parts(self) -> Vec<Tree<'a, T>> {
        match self {
            Tree::And(left, right) => {
                let mut parts = left.parts();
                parts.extend(right.parts());
                parts
            }
            part => vec![part],
        }
    }

    /// What has to hold for it to be `wanted`: true, or false.
    fn print(
        &self,
        wanted: bool,
        test: &mut impl FnMut(&T, bool) -> Result<String, Why>,
    ) -> Result<String, Why> {
        let (left, right, sign) = match self {
            Tree::Test(question) => return test(question, wanted),
            Tree::Not(inner) => return inner.print(!wanted, test),
            Tree::And(left, right) => (left, right, if wanted { "&&" } else { "||" }),
            Tree::Or(left, right) => (left, right, if wanted { "||" } else { "&&" }),
        };
        let (left, right) = (left.print(wanted, test)?, right.print(wanted, test)?);
        Ok(format!("({left} {sign} {right})"))
    }
}

/// Prints the parts of a condition, with names of variables that no other part has. The next condition has them again: to the
/// compiler of VRL every name more costs time in every block.
#[derive(Debug, Default)]
pub(crate) struct Printer {
    count: usize,
}

/// A text in a variable, and what says that it is known; empty if it always is.
struct Known {
    variable: &'static str,
    told: &'static str,
}

impl Printer {
    /// A condition as an expression, and the lines that have to stand before it.
    pub(crate) fn print(&mut self, tree: &Tree<'_, Question>) -> Result<(String, String), Why> {
        let mut lines = String::new();
        let mut test = |question: &Question, wanted: bool| {
            self.question(question, wanted != question.negated, &mut lines)
        };
        let expression = tree.print(true, &mut test)?;
        Ok((expression, lines))
    }

    fn name(&mut self, what: &str) -> String {
        self.count += 1;
        format!("{what}_{}", self.count)
    }

    fn question(&mut self, question: &Question, wanted: bool, lines: &mut String) -> Result<String, Why> {
        if matches!(question.says, Says::Time(..)) {
            return Err(TIME);
        }
        if let Some(known) = known(&question.about) {
            return of_text(&known, &question.says, wanted);
        }
        match &question.about {
            About::Fact(fact @ ("dry_run" | "impersonated" | "source.public"), _) => {
                let (variable, told) = match *fact {
                    "source.public" => ("source_public", "source_ip != \"\" && "),
                    "impersonated" => ("impersonated", ""),
                    _ => ("dry_run", ""),
                };
                Ok(match &question.says {
                    Says::Exists if told.is_empty() => wanted.to_string(),
                    Says::Exists if wanted => "source_ip != \"\"".to_owned(),
                    Says::Exists => "source_ip == \"\"".to_owned(),
                    Says::Equals { flags, .. } if flags.len() == 1 => {
                        let holds = flags.contains(&true) == wanted;
                        let plain = if holds { variable.to_owned() } else { format!("!{variable}") };
                        if told.is_empty() { plain } else { format!("({told}{plain})") }
                    }
                    Says::Equals { flags, .. } => (flags.is_empty() != wanted).to_string(),
                    _ => "false".to_owned(),
                })
            }
            About::Fact("latency_ms", _) => {
                let known = "latency_ms >= 0.0";
                let holds = match &question.says {
                    Says::Exists => return Ok(if wanted { known.to_owned() } else { format!("!({known})") }),
                    Says::Number(sign, number) => format!("latency_ms {sign} {number:?}"),
                    Says::Equals { numbers, .. } => {
                        let each: Vec<String> =
                            numbers.iter().map(|number| format!("latency_ms == {number:?}")).collect();
                        if each.is_empty() { "false".to_owned() } else { each.join(" || ") }
                    }
                    _ => return Ok("false".to_owned()),
                };
                Ok(if wanted {
                    format!("({known} && ({holds}))")
                } else {
                    format!("({known} && !({holds}))")
                })
            }
            About::Fact("command", Some(index)) => {
                let argument = self.name("argument");
                *lines += &format!("{argument} = string(get(command, [{index}]) ?? \"\") ?? \"\"\n");
                let told = format!("length(command) > {index} && {argument} != hidden_text");
                let holds = match &question.says {
                    Says::Exists if wanted => return Ok(format!("length(command) > {index}")),
                    Says::Exists => return Ok(format!("length(command) <= {index}")),
                    says => text_holds(says, &argument).unwrap_or_else(|| "false".to_owned()),
                };
                let holds = if wanted { holds } else { format!("!({holds})") };
                Ok(format!("({told} && {holds})"))
            }
            About::Fact("command", None) => {
                self.along("command", Some("command"), &[], question, wanted, lines)
            }
            About::Fact(..) => Err("no fact of a program"),
            About::Pod(way) => self.along("pod", Some("pods"), way, question, wanted, lines),
            About::Container(way) => {
                self.along("container", Some("containers"), way, question, wanted, lines)
            }
            About::Field { field: "requestObject", way, .. } => {
                self.along("body", Some("bodies"), way, question, wanted, lines)
            }
            About::Field { field: "responseObject", way, .. } => {
                self.along("answer.responseObject", None, way, question, wanted, lines)
            }
            About::Field { field: "auditveil", way, .. } => match way.first() {
                Some(Way::Name(name))
                    if ["stub", "damaged", "cut", "configuration", "shape", "origin", "version"]
                        .contains(&name.as_str()) =>
                {
                    self.along("stamp_so_far", None, way, question, wanted, lines)
                }
                _ => Err(REDACTED),
            },
            About::Field { field: "objectRef", way, .. } if !way.is_empty() => {
                let mut small = way.clone();
                if let Some(Way::Name(name)) = small.first_mut() {
                    *name = name.to_ascii_lowercase();
                }
                self.along("object_ref", None, &small, question, wanted, lines)
            }
            About::Field { field, way, .. } => {
                let root = format!("heads.{}", field.to_ascii_lowercase());
                self.along(&root, None, way, question, wanted, lines)
            }
        }
    }

    /// A test of what a path leads to, from `base`, or from each item of `list`, which `base` is the name of then.
    fn along(
        &mut self,
        base: &str,
        list: Option<&str>,
        way: &[Way],
        question: &Question,
        wanted: bool,
        lines: &mut String,
    ) -> Result<String, Why> {
        let mut seen = Seen::new(self, wanted, &question.says);
        let empty = matches!(question.about, About::Field { empty_if_missing: true, .. })
            && !matches!(question.says, Says::Exists);
        seen.any |= empty;
        let start = if list.is_some() { self.name(base) } else { base.to_owned() };
        let inner = Tree::new(&question.items);
        let walked = self.walk(&start, list.is_none(), way, &mut |printer, value, is_path| match &inner {
            Some(tree) => printer.items(value, tree, &seen),
            None => Ok(seen.value(printer, value, &question.says, is_path)),
        })?;
        let walked = match list {
            Some(list) => format!("for_each({list}) -> |_at, {start}| {{\n{}\n}}", indent(&walked, 4)),
            None => walked,
        };
        *lines += &seen.opening();
        *lines += &walked;
        lines.push('\n');
        if empty {
            // Where Kubernetes leaves it out, it is empty.
            let holds = match text_holds(&question.says, "\"\"") {
                Some(_) if holds_of(&question.says, "") => format!("; {} = true", seen.holds),
                _ => String::new(),
            };
            let root = base.split('.').take(2).collect::<Vec<_>>().join(".");
            *lines += &format!(
                "if !{any} && is_object({root}) {{ {any} = true{holds} }}\n",
                any = seen.name_of_any
            );
        }
        Ok(seen.result(&question.says))
    }

    /// Lines that look at everything to which a way leads; `is_path`: `here` is a path, and no variable of a loop.
    fn walk(
        &mut self,
        here: &str,
        is_path: bool,
        way: &[Way],
        leaf: &mut impl FnMut(&mut Printer, &str, bool) -> Result<String, Why>,
    ) -> Result<String, Why> {
        let (mut here, mut is_path) = (here.to_owned(), is_path);
        for (at, step) in way.iter().enumerate() {
            let rest = way.get(at + 1..).unwrap_or_default();
            match step {
                Way::Name(name) => {
                    here += &segment(name)?;
                    is_path = true;
                }
                Way::Index(index) => {
                    here += &format!("[{index}]");
                    is_path = true;
                }
                Way::Each => {
                    let item = self.name("item");
                    let inner = self.walk(&item, false, rest, leaf)?;
                    return Ok(format!(
                        "for_each(array({here}) ?? []) -> |_at, {item}| {{\n{}\n}}",
                        indent(&inner, 4)
                    ));
                }
                Way::Fits(fits) => {
                    let (name, item) = (self.name("name"), self.name("item"));
                    let inner = self.walk(&item, false, rest, leaf)?;
                    return Ok(format!(
                        "for_each(object({here}) ?? {{}}) -> |{name}, {item}| {{\n    if match({name}, r'{}') {{\n{}\n    }}\n}}",
                        whole(std::slice::from_ref(fits)),
                        indent(&inner, 8)
                    ));
                }
            }
        }
        leaf(self, &here, is_path)
    }

    /// Lines that ask a condition of each item.
    fn items(&mut self, value: &str, tree: &Tree<'_, ItemQuestion>, seen: &Seen) -> Result<String, Why> {
        let (items, item) = (self.name("items"), self.name("item"));
        let mut lines = String::new();
        let mut test = |question: &ItemQuestion, wanted: bool| {
            let wanted = wanted != question.negated;
            if matches!(question.says, Says::Time(..)) {
                return Err(TIME);
            }
            let inner = Seen::new(self, wanted, &question.says);
            let walked = self.walk(&item, false, &question.way, &mut |printer, value, is_path| {
                Ok(inner.value(printer, value, &question.says, is_path))
            })?;
            lines += &format!("{}{walked}\n", inner.opening());
            Ok(inner.result(&question.says))
        };
        let yes = tree.print(true, &mut test)?;
        let no = if seen.wanted { None } else { Some(tree.print(false, &mut test)?) };
        lines += &format!("if {yes} {{ {} = true }}", seen.holds);
        if let Some(no) = no {
            lines += &format!(
                "\n{} = true\nif !({yes}) && !({no}) {{ {} = true }}",
                seen.name_of_any, seen.unknown
            );
        }
        Ok(format!(
            "{items} = {value}\nif !is_array({items}) {{ {items} = [{items}] }}\n\
             for_each(array({items}) ?? []) -> |_at, {item}| {{\n    if !is_null({item}) {{\n{}\n    }}\n}}",
            indent(&lines, 8)
        ))
    }
}

/// What a loop notes.
struct Seen {
    wanted: bool,
    /// A value for which it holds.
    holds: String,
    /// Any value.
    name_of_any: String,
    any: bool,
    /// A value of which it cannot be told.
    unknown: String,
}

impl Seen {
    fn new(printer: &mut Printer, wanted: bool, says: &Says) -> Seen {
        let holds = printer.name("holds");
        let number = holds.trim_start_matches("holds");
        let any = !wanted && !matches!(says, Says::Exists);
        Seen { wanted, name_of_any: format!("seen{number}"), any, unknown: format!("unknown{number}"), holds }
    }

    fn opening(&self) -> String {
        let mut lines = format!("{} = false\n", self.holds);
        if self.any {
            lines += &format!("{} = false\n", self.name_of_any);
        }
        if !self.wanted {
            lines += &format!("{} = false\n", self.unknown);
        }
        lines
    }

    fn result(&self, says: &Says) -> String {
        let Seen { holds, name_of_any, unknown, .. } = self;
        match (self.wanted, says) {
            (true, _) => holds.clone(),
            (false, Says::Exists) => format!("!{holds}"),
            (false, _) => format!("({name_of_any} && !{holds} && !{unknown})"),
        }
    }

    /// Lines that look at a value, or at the items of a list.
    fn value(&self, printer: &mut Printer, value: &str, says: &Says, is_path: bool) -> String {
        let Seen { holds, .. } = self;
        if matches!(says, Says::Exists) {
            return format!("if !is_null({value}) {{ {holds} = true }}");
        }
        let nulls = matches!(says, Says::Equals { nulls: true, .. });
        let values = printer.name("values");
        let as_list = format!("{values} = {value}\nif !is_array({values}) {{ {values} = [{values}] }}\n");
        let lines = match says {
            // The fewer blocks a program has, the sooner it is compiled.
            Says::Equals { texts, numbers, flags, nulls: false } if self.wanted && numbers.is_empty() => {
                let literals = texts.iter().filter(|text| *text != MASK).map(|literal| text(literal));
                let each: Vec<String> = literals
                    .chain(flags.iter().map(bool::to_string))
                    .map(|literal| format!("includes(array({values}) ?? [], {literal})"))
                    .collect();
                match each.as_slice() {
                    [] => String::new(),
                    [only] => format!("{as_list}if {only} {{ {holds} = true }}"),
                    _ => self.each(&as_list, &values, printer, says, nulls),
                }
            }
            _ => self.each(&as_list, &values, printer, says, nulls),
        };
        if nulls && is_path { format!("if exists({value}) {{\n{}\n}}", indent(&lines, 4)) } else { lines }
    }

    /// Lines that look at each of some values.
    fn each(&self, as_list: &str, values: &str, printer: &mut Printer, says: &Says, nulls: bool) -> String {
        let value = printer.name("value");
        let lines = indent(&self.scalar(&value, says, nulls), 4);
        format!("{as_list}for_each(array({values}) ?? []) -> |_at, {value}| {{\n{lines}\n}}")
    }

    fn scalar(&self, value: &str, says: &Says, nulls: bool) -> String {
        let (yes, unknown) = value_holds(says, value);
        let mut lines = format!("if {yes} {{ {} = true }}", self.holds);
        if self.any {
            let there = format!("{} = true", self.name_of_any);
            lines +=
                &if nulls { format!("\n{there}") } else { format!("\nif !is_null({value}) {{ {there} }}") };
        }
        if !self.wanted {
            lines += &format!("\nif !is_null({value}) && {unknown} {{ {} = true }}", self.unknown);
        }
        lines
    }
}

/// The variable that holds a text.
fn known(about: &About) -> Option<Known> {
    let (variable, told) = match about {
        About::Field { field, way, .. } => match (*field, way.as_slice()) {
            ("verb", []) => ("verb_of", "verb_is_told"),
            ("requestURI", []) => ("uri_of", "uri_is_told"),
            ("userAgent", []) => ("agent_of", "agent_is_told"),
            ("stage", []) => ("stage_of", "stage_of != \"\""),
            ("objectRef", [Way::Name(name)]) => match name.as_str() {
                "resource" => ("resource_of", "resource_is_told"),
                "apiGroup" => ("group_of", "group_is_said"),
                "subresource" => ("subresource_of", "subresource_is_told"),
                "namespace" => ("namespace_of", "namespace_is_told"),
                "name" => ("name_of", "name_is_said"),
                _ => return None,
            },
            ("user", [Way::Name(name)]) if name == "username" => ("username_of", "username_is_told"),
            _ => return None,
        },
        About::Fact(fact, None) => match *fact {
            "action" => ("action", "action != \"\""),
            "outcome" => ("outcome", "outcome != \"\""),
            "actor.class" => ("actor_class", "actor_class != \"\""),
            "actor.name" => ("actor_name", "actor_is_told"),
            "actor.namespace" => ("actor_namespace", "actor_namespace != \"\""),
            "source.ip" => ("source_ip", "source_ip != \"\""),
            "target" => ("target_told", "target_told != \"\""),
            _ => return None,
        },
        _ => return None,
    };
    Some(Known { variable, told })
}

/// A test of a text in a variable, which is empty where it is not known.
fn of_text(known: &Known, says: &Says, wanted: bool) -> Result<String, Why> {
    let Known { variable, told } = *known;
    if matches!(says, Says::Exists) {
        // What is missing from an `objectRef` is empty, and not there.
        let there = match variable {
            "uri_of" => "!is_null(heads.requesturi)".to_owned(),
            "agent_of" => "!is_null(heads.useragent)".to_owned(),
            "verb_of" => "!is_null(heads.verb)".to_owned(),
            "username_of" => "!is_null(user_object.username)".to_owned(),
            "group_of" => "!is_null(object_ref.apigroup)".to_owned(),
            "resource_of" | "subresource_of" | "namespace_of" | "name_of" => {
                format!("!is_null(object_ref.{})", variable.trim_end_matches("_of"))
            }
            _ => told.to_owned(),
        };
        return Ok(if wanted { there } else { format!("!({there})") });
    }
    let Some(holds) = text_holds(says, variable) else { return Ok("false".to_owned()) };
    let told_by_itself = told.ends_with("!= \"\"");
    Ok(match wanted {
        true if holds_of(says, "") && !told_by_itself => format!("({told} && {holds})"),
        true if holds_of(says, "") || holds_of(says, MASK) => {
            format!("({told} && {variable} != hidden_text && {holds})")
        }
        true => holds,
        false => match holds.strip_prefix(&format!("{variable} == ")) {
            Some(literal) => format!("({told} && {variable} != {literal})"),
            None => format!("({told} && !{holds})"),
        },
    })
}

/// What has to hold of a text, which is an expression; `None` if nothing of the kind can be told of a text.
fn text_holds(says: &Says, variable: &str) -> Option<String> {
    let each = |all: &[String], one: &str, start: &str, end: &str| match all {
        [] => "false".to_owned(),
        [only] => format!("{one}({variable}, {})", text(only)),
        // No pattern is too large for the engine.
        all => any(all.chunks(PATTERNS).map(|some| {
            let some = alternatives(some.iter().map(String::as_str));
            format!("match({variable}, r'{start}(?:{some}){end}')")
        })),
    };
    Some(match says {
        Says::Equals { texts, .. } => {
            let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|text| *text != MASK).collect();
            match texts.as_slice() {
                [] => "false".to_owned(),
                [only] => format!("{variable} == {}", text(only)),
                texts => format!("includes({}, {variable})", crate::quote::list(texts.iter().copied())),
            }
        }
        Says::StartsWith(all) => each(all, "starts_with", "^", ""),
        Says::EndsWith(all) => each(all, "ends_with", "", "$"),
        Says::Contains(all) => each(all, "contains", "", ""),
        Says::Matches(patterns) => {
            if patterns.is_empty() {
                return Some("false".to_owned());
            }
            any(patterns.chunks(PATTERNS).map(|some| format!("match({variable}, r'{}')", whole(some))))
        }
        Says::Exists => "true".to_owned(),
        Says::Number(..) | Says::Time(..) | Says::Any => return None,
    })
}

/// The most alternatives in one regular expression.
const PATTERNS: usize = 100;

fn any(each: impl Iterator<Item = String>) -> String {
    let each: Vec<String> = each.collect();
    match each.as_slice() {
        [only] => only.clone(),
        each => format!("({})", each.join(" || ")),
    }
}

/// What has to hold of any value, and where that cannot be told.
fn value_holds(says: &Says, value: &str) -> (String, String) {
    let number = format!("(is_integer({value}) || is_float({value}))");
    match says {
        Says::Equals { texts, numbers, flags, nulls } => {
            let literals = texts.iter().filter(|text| *text != MASK).map(|literal| text(literal));
            let literals: Vec<String> = literals.chain(flags.iter().map(bool::to_string)).collect();
            let mut each = Vec::new();
            match literals.as_slice() {
                [] => {}
                [only] => each.push(format!("{value} == {only}")),
                literals => each.push(format!("includes([{}], {value})", literals.join(", "))),
            }
            each.extend(
                numbers
                    .iter()
                    .map(|wanted| format!("({number} && (to_float({value}) ?? 0.5) == {wanted:?})")),
            );
            if *nulls {
                each.push(format!("is_null({value})"));
            }
            let holds = if each.is_empty() { "false".to_owned() } else { each.join(" || ") };
            (holds, format!("{value} == hidden_text"))
        }
        Says::Number(sign, wanted) => {
            (format!("{number} && (to_float({value}) ?? 0.5) {sign} {wanted:?}"), format!("!{number}"))
        }
        says => {
            let holds =
                text_holds(says, &format!("string({value}) ?? \"\"")).unwrap_or_else(|| "false".to_owned());
            let hidden =
                if holds_of(says, MASK) { format!("{value} != hidden_text && ") } else { String::new() };
            (
                format!("is_string({value}) && {hidden}{holds}"),
                format!("(!is_string({value}) || {value} == hidden_text)"),
            )
        }
    }
}

/// Whether a test holds of this text.
fn holds_of(says: &Says, text: &str) -> bool {
    let fits = |pattern: &String| auditveil_core::enrich::detections::names(pattern, text);
    match says {
        Says::Equals { texts, .. } => texts.iter().any(|known| known == text),
        Says::StartsWith(all) => all.iter().any(|start| text.starts_with(start)),
        Says::EndsWith(all) => all.iter().any(|end| text.ends_with(end)),
        Says::Contains(all) => all.iter().any(|part| text.contains(part)),
        Says::Matches(patterns) => patterns.iter().any(fits),
        _ => false,
    }
}

/// Patterns with `*` as one regular expression for all of a text.
fn whole(patterns: &[String]) -> String {
    let each: Vec<String> = patterns
        .iter()
        .map(|fits| fits.split('*').map(pattern).collect::<Vec<_>>().join("[\\s\\S]*"))
        .collect();
    format!("^(?:{})$", each.join("|"))
}

/// A name as a part of a path.
fn segment(name: &str) -> Result<String, Why> {
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
    if plain {
        return Ok(format!(".{name}"));
    }
    if name.is_empty() || name.contains(['"', '\\', '{', '}']) || name.chars().any(char::is_control) {
        return Err(NAME);
    }
    Ok(format!(".\"{name}\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use auditveil_core::enrich::{Condition, Lists};

    fn printed(condition: &str) -> Result<(String, String), Why> {
        let operations = Condition::compile(condition, &Lists::new()).unwrap().operations();
        Printer::default().print(&Tree::new(&operations).unwrap())
    }

    #[test]
    fn tests_of_texts_are_expressions() {
        for (condition, expected) in [
            (r#"verb == "get""#, r#"verb_of == "get""#),
            (r#"verb in ["get", "list"]"#, r#"includes(["get", "list"], verb_of)"#),
            // What is not known is neither true nor false.
            (r#"verb != "get""#, r#"(verb_is_told && verb_of != "get")"#),
            (r#"not (userAgent contains "x")"#, r#"(agent_is_told && !contains(agent_of, "x"))"#),
            (r#"objectRef.namespace == """#, r#"(namespace_is_told && namespace_of == "")"#),
            (r#"userAgent matches "*x""#, r#"match(agent_of, r'^(?:[\s\S]*x)$')"#),
            (
                r#"dry_run and not (source.public or impersonated)"#,
                r#"(dry_run && ((source_ip != "" && !source_public) && !impersonated))"#,
            ),
        ] {
            assert_eq!(printed(condition), Ok((expected.to_owned(), String::new())), "{condition}");
        }
    }

    #[test]
    fn paths_are_loops_before() {
        let (expression, lines) = printed("exists requestObject.spec.ports[*].hostPort").unwrap();
        assert_eq!(expression, "holds_1");
        assert_eq!(
            lines,
            "holds_1 = false\nfor_each(bodies) -> |_at, body_2| {\n    for_each(array(body_2.spec.ports) ?? []) -> |_at, item_3| {\n        \
             if !is_null(item_3.hostPort) { holds_1 = true }\n    }\n}\n"
        );
    }

    #[test]
    fn what_no_program_can_ask_is_refused() {
        for (condition, why) in [
            (r#"exists auditveil.redacted.uri"#, REDACTED),
            (r#"stageTimestamp > "2026-11-20T07:00:00Z""#, TIME),
            (r#"exists annotations["a\"b"]"#, NAME),
        ] {
            assert_eq!(printed(condition), Err(why), "{condition}");
        }
        assert!(printed("exists auditveil.stub").is_ok());
    }
}
