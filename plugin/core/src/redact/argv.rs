//! Credentials in commands: `command` and `args` of containers, hooks and probes, arguments of exec, scripts.
//!
//! A best-effort rule, fed one argument at a time. What goes:
//!
//! - the value of a flag with a sensitive name: `--password=x`, `--token x`, `-Dspring.datasource.password=x`
//! - the value of a short flag that is a password to the tool at hand: `mysql -px`, `sshpass -p x`; of a tool
//!   that is not known, what is attached to `-p` and looks like no port, path, number or word (`-p8080`,
//!   `-port` and `-p/var` stay; so does `-phunter`)
//! - the password in `-u user:password`, `--creds user:password`
//! - assignments: `PASSWORD=x`, `export X_TOKEN=x`
//! - `--from-literal=key=x`, whatever the key, unless it is a ConfigMap that is created
//! - headers: `Authorization: Bearer x`, `X-Api-Key: x`
//! - `"password": "x"` in JSON or YAML, `PASSWORD 'x'` and `IDENTIFIED BY 'x'` in SQL
//! - in URLs what [`uri`](super::uri) hides
//!
//! References to variables stay, because they tell where a credential comes from: `$(NAME)` and `${NAME}`
//! everywhere, `$NAME` and `$(command …)` in scripts, the command being judged like any other. So do paths of
//! files and switches, see [`is_harmless`].
//!
//! Passwords that stand alone go behind the tools of [`tools`] that take them so (`htpasswd -b file user x`, `vault login
//! x`), and behind `set` and the name of a credential (`CONFIG SET requirepass x`). Not covered: what one command pipes
//! into another (`echo user:x | chpasswd`).

mod script;
mod tools;

use super::carriers::{Carrier, may_be_base64};
use super::hide::Hide;
use super::key_names::is_sensitive;
use super::values::{is_harmless, is_own_digest};
use tools::{Operand, Tool};

/// The rules over the arguments of one command, fed in order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Argv {
    tool: Option<&'static Tool>,
    /// The credential that is to come among the arguments that stand alone, and how many come before it.
    operand: Option<(&'static Operand, u8)>,
    /// Which short flags were met, as bits of their low five bits.
    flags: u32,
    /// The word `login` was met.
    login: bool,
    /// The last word was `set`.
    set: bool,
    next: Next,
    /// `kubectl create configmap`: what its literals hold is told by their keys.
    config_map: bool,
}

/// What the next argument is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    /// Nothing is known about it.
    #[default]
    Any,
    /// The value of a sensitive flag.
    Value,
    /// An argument that is a credential by where it stands.
    Operand,
    /// `user:password`, with this sign between them.
    UserAndPassword(u8),
    /// `key=value` of a Secret.
    Literal,
    /// What openssl takes as the source of a password: `pass:x`, `env:NAME`, `file:path`.
    PasswordSource,
    /// A shell script.
    Script,
    /// The value of a flag that is no credential.
    Other,
    /// A credential if it is quoted, as in SQL; or a sign, and then the value.
    Quoted,
    /// What follows the word `Bearer`.
    Bearer,
}

impl Argv {
    /// Before the first argument.
    pub(crate) const fn new() -> Argv {
        Argv {
            tool: None,
            operand: None,
            flags: 0,
            login: false,
            set: false,
            next: Next::Any,
            config_map: false,
        }
    }

    /// Judges the next argument.
    pub(crate) fn element<H: Hide>(&mut self, text: &[u8], hide: &mut H) {
        if self.next_if(Next::Script) {
            Argv::new().script(text, hide);
            return;
        }
        if self.pending(text, 0, text.len(), false, hide) || self.whole(text, hide) {
            self.expect_operand();
            return;
        }
        self.stand_alone(text);
        if may_be_base64(text) {
            hide.open(0, text.len(), Carrier::Likely);
        } else if text.iter().any(|byte| class(*byte) & SEPARATES != 0) {
            Argv { config_map: self.config_map, ..Argv::new() }.quoted(text, hide);
        }
    }

    /// Expects of the next argument what `other` does, if nothing else is expected.
    pub(crate) fn expect_as(&mut self, other: Argv) {
        if self.next == Next::Any {
            self.next = other.next;
        }
    }

    /// Whether `next` was expected, which then is no longer.
    fn next_if(&mut self, next: Next) -> bool {
        let expected = self.next == next;
        if expected {
            self.next = Next::Any;
        }
        expected
    }

    /// Rules that take an argument as a whole, white space and all.
    fn whole<H: Hide>(&mut self, text: &[u8], hide: &mut H) -> bool {
        if text.starts_with(b"-") {
            let equals = text.iter().position(|byte| *byte == b'=').unwrap_or(text.len());
            return self.option(text, 0, equals, text.len(), false, hide);
        }
        let equals = text.iter().position(|byte| !is_name(*byte)).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(equals).unwrap_or_default();
        // Behind base64 these signs are padding, whatever its letters seem to say.
        let is_assignment = match rest {
            [b'=', value @ ..] => value.iter().any(|byte| *byte != b'=') && is_sensitive(name),
            // `password:x`; `secret:x` may say where one is, and what follows a blank or begins a URL is read as YAML.
            [b':', first, ..] => !matches!(first, b'/' | b' ' | b':') && says_password(name),
            _ => false,
        };
        if is_assignment {
            hide_value(text, equals.saturating_add(1), text.len(), false, hide);
        }
        is_assignment
    }

    /// An argument that a former one announced; `false` if it was none.
    fn pending<H: Hide>(
        &mut self,
        text: &[u8],
        start: usize,
        end: usize,
        script: bool,
        hide: &mut H,
    ) -> bool {
        let (from, to) = unquoted(text, start, end);
        let value = text.get(from..to).unwrap_or_default();
        match core::mem::take(&mut self.next) {
            Next::Any | Next::Script => false,
            Next::Other => true,
            Next::Value => {
                let is_value = !looks_like_option(value);
                if is_value {
                    hide_value(text, from, to, script, hide);
                }
                is_value
            }
            Next::Operand => {
                // `vault login password=x` is judged by its name.
                let is_value = !(looks_like_option(value) || is_assignment(value));
                if is_value {
                    self.operand = None;
                    hide_value(text, from, to, script, hide);
                }
                is_value
            }
            Next::UserAndPassword(_) if self.operand.is_some() && looks_like_option(value) => false,
            Next::UserAndPassword(sign) => {
                self.operand = None;
                self.user_and_password(text, from, to, sign, script, hide);
                true
            }
            Next::Literal => {
                hide_literal(text, start, end, script, hide);
                true
            }
            Next::PasswordSource => {
                if value.starts_with(b"pass:") {
                    hide_value(text, from.saturating_add(5), to, script, hide);
                }
                true
            }
            Next::Quoted if from > start => {
                hide_value(text, from, to, script, hide);
                true
            }
            Next::Quoted => {
                let is_sign = matches!(value, b"=" | b":" | b":=" | b"=>" | b"==");
                let is_link = [b"by".as_slice(), b"as", b"is", b"to", b"with"]
                    .iter()
                    .any(|link| value.eq_ignore_ascii_case(link));
                if is_sign {
                    self.next = Next::Value;
                } else if is_link {
                    self.next = Next::Quoted;
                }
                is_sign || is_link
            }
            Next::Bearer => {
                // RFC 6750: `=` at the end only.
                let token =
                    value.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last.saturating_add(1));
                let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/|:[]*".contains(byte);
                let is_bearer = value.len() >= 8
                    && !value.starts_with(b"-")
                    && value.get(..token).is_some_and(|token| token.iter().all(is_token));
                if is_bearer {
                    hide_value(text, from, to, script, hide);
                }
                is_bearer
            }
        }
    }

    /// A flag: from `start` to `equals` its name, from there to `end` its value, if it has one.
    /// `false` if there may be something else to be found in it.
    #[inline(always)]
    fn option<H: Hide>(
        &mut self,
        text: &[u8],
        start: usize,
        equals: usize,
        end: usize,
        script: bool,
        hide: &mut H,
    ) -> bool {
        let word = text.get(start..end).unwrap_or_default();
        matches!(word, [b'-', flag, ..] if *flag != b'-') && self.short_option(text, start, end, script, hide)
            || self.long_option(text, start, equals, end, script, hide)
    }

    #[inline(never)]
    fn long_option<H: Hide>(
        &mut self,
        text: &[u8],
        start: usize,
        equals: usize,
        end: usize,
        script: bool,
        hide: &mut H,
    ) -> bool {
        let name = text.get(start..equals).unwrap_or_default();
        let name = name.strip_prefix(b"-").unwrap_or(name);
        let name = name.strip_prefix(b"-").unwrap_or(name);
        if !name.iter().all(|byte| is_name(*byte) && !matches!(byte, b'[' | b']')) {
            return false;
        }
        let value = equals.saturating_add(1);
        let has_value = equals < end;
        match name {
            b"user" | b"proxy-user" | b"creds" | b"src-creds" | b"dest-creds" => {
                if has_value {
                    self.user_and_password(text, value, end, b':', script, hide);
                } else {
                    self.next = Next::UserAndPassword(b':');
                }
            }
            // `kubectl create secret generic x --from-literal=key=value`
            b"from-literal" if !self.config_map => {
                if has_value {
                    hide_literal(text, value, end, script, hide);
                } else {
                    self.next = Next::Literal;
                }
            }
            b"passin" | b"passout" => self.next = Next::PasswordSource,
            _ if !is_sensitive(name) => return !has_value,
            _ if has_value => hide_value(text, value, end, script, hide),
            _ => self.next = Next::Value,
        }
        true
    }

    /// A flag of one letter, alone or with its value attached.
    #[inline(never)]
    fn short_option<H: Hide>(
        &mut self,
        text: &[u8],
        start: usize,
        end: usize,
        script: bool,
        hide: &mut H,
    ) -> bool {
        let word = text.get(start..end).unwrap_or_default();
        let Some((flag, attached)) = word.get(1..).and_then(<[u8]>::split_first) else { return false };
        let from = start.saturating_add(2);
        let letters = word.get(1..).is_some_and(|letters| letters.iter().all(u8::is_ascii_alphabetic));
        let Some(tool) = self.tool else {
            return match (flag, attached) {
                (b'p', _) if looks_like_password(attached) => {
                    // `-pSecret_token` may be a long flag with one dash as well.
                    if word.get(1..).is_some_and(is_sensitive) {
                        self.next = Next::Value;
                    }
                    hide_value(text, from, end, script, hide);
                    true
                }
                (b'u', b"") => {
                    self.next = Next::UserAndPassword(b':');
                    true
                }
                (b'c', b"") => {
                    self.next = Next::Script;
                    true
                }
                _ => false,
            };
        };
        for letter in word.get(1..).filter(|_| letters).unwrap_or_default() {
            self.flags |= 1_u32.wrapping_shl(u32::from(*letter & 31));
        }
        if tool.valued.contains(flag) {
            if attached.is_empty() {
                self.next = Next::Other;
            }
            return true;
        }
        if tool.after_login && !self.login {
            return false;
        }
        if tool.shell {
            if letters && word.ends_with(b"c") {
                self.next = Next::Script;
            }
            return letters;
        }
        if tool.password.contains(flag) {
            if attached.is_empty() {
                if tool.separate {
                    self.next = Next::Value;
                }
                return true;
            }
            if tool.attached {
                let from = if attached.starts_with(b"=") { from.saturating_add(1) } else { from };
                hide_value(text, from, end, script, hide);
                return true;
            }
        }
        if tool.user.contains(flag) && !attached.is_empty() {
            self.user_and_password(text, from, end, tool.sign, script, hide);
            return true;
        }
        // Flags in one word: `curl -sSu`.
        if letters && word.last().is_some_and(|last| tool.user.contains(last)) {
            self.next = Next::UserAndPassword(tool.sign);
            return true;
        }
        false
    }

    /// `user:password`. With a tool that is not known it may be ids, a port or a Kubernetes user just as well.
    fn user_and_password<H: Hide>(
        &self,
        text: &[u8],
        start: usize,
        end: usize,
        sign: u8,
        script: bool,
        hide: &mut H,
    ) {
        let is_part = start > 0 || end < text.len();
        let (start, end) = unquoted(text, start, end);
        let value = text.get(start..end).unwrap_or_default();
        // `/nolog`
        let Some(at) = value.iter().position(|byte| *byte == sign).filter(|at| sign != b'/' || *at > 0)
        else {
            return;
        };
        // What was signed before has such signs in it.
        let last = value.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
        if last.len() < value.len() && is_own_digest(last) && at >= value.len().saturating_sub(last.len()) {
            return;
        }
        if is_own_digest(value) || (is_part && value.iter().any(|byte| matches!(byte, b'"' | b'\''))) {
            // Put together of quoted parts: what is left must not open a quote.
            hide_value(text, start, end, script, hide);
            return;
        }
        let password = value.get(at.saturating_add(1)..).unwrap_or_default();
        let known = self.tool.is_some_and(|tool| !tool.user.is_empty() || !tool.operands.is_empty());
        let other = password.iter().all(u8::is_ascii_digit)
            || password.starts_with(b"//")
            || value.starts_with(b"system:");
        if known || !other {
            hide_value(text, start.saturating_add(at).saturating_add(1), end, script, hide);
        }
    }

    /// Notes what an argument that stands alone says of those that follow.
    fn stand_alone(&mut self, word: &[u8]) {
        if word.starts_with(b"-") {
            return self.expect_operand();
        }
        // No tool and no word that says something has a name of one letter.
        if word.len() > 1 {
            self.note_tool(word);
        }
        if self.set && is_sensitive(word.rsplit(|byte| *byte == b'.').next().unwrap_or_default()) {
            self.next = Next::Value;
        }
        self.set = word.len() == 3 && word.eq_ignore_ascii_case(b"set");
        self.login |= word == b"login";
        if self.operand.is_some() {
            return self.count_operand();
        }
        if let Some(tool) = self.tool {
            let behind = |operand: &&Operand| !operand.behind.is_empty() && word == operand.behind.as_bytes();
            let found = tool.operands.iter().find(behind);
            self.operand = found.map(|operand| (operand, operand.skipped));
        }
        self.expect_operand();
    }

    /// Counts an argument that stands alone.
    fn count_operand(&mut self) {
        if let Some((_, left)) = &mut self.operand {
            *left = left.saturating_sub(1);
        }
        self.expect_operand();
    }

    /// Expects the credential if it is the next argument that stands alone.
    fn expect_operand(&mut self) {
        let Some((operand, left)) = self.operand.filter(|_| self.next == Next::Any) else { return };
        let has = |flag: u8| flag != 0 && self.flags & 1_u32.wrapping_shl(u32::from(flag & 31)) != 0;
        if (operand.with == 0 || has(operand.with)) && left == u8::from(has(operand.fewer)) {
            self.next = match operand.sign {
                0 => Next::Operand,
                sign => Next::UserAndPassword(sign),
            };
        }
    }

    /// If the argument is a known tool, the flags that follow are its own.
    #[inline(never)]
    fn note_tool(&mut self, word: &[u8]) {
        let name = word.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let known = tools::called(name);
        if let Some(tool) = known {
            self.tool = known;
            self.config_map = false;
            self.flags = 0;
            // One more, because the name itself is counted next.
            let first = tool.operands.iter().find(|operand| operand.behind.is_empty());
            self.operand = first.map(|operand| (operand, operand.skipped.saturating_add(1)));
        }
        self.config_map |= matches!(name, b"configmap" | b"configmaps" | b"cm");
    }
}

/// Whether a name ends in what only a credential itself is called.
fn says_password(name: &[u8]) -> bool {
    let last = name.rsplit(|byte| matches!(byte, b'-' | b'_' | b'.')).next().unwrap_or_default();
    [&b"password"[..], b"passwd", b"pwd", b"passphrase"].iter().any(|word| last.eq_ignore_ascii_case(word))
}

/// `name=value`; what ends in the sign may be base64.
fn is_assignment(value: &[u8]) -> bool {
    let name = value.iter().take_while(|byte| is_name(**byte)).count();
    matches!(value.get(name..), Some([b'=', next, ..]) if name > 0 && *next != b'=')
}

/// Hides a value, without the quotes round it, unless it cannot be a credential.
fn hide_value<H: Hide>(text: &[u8], start: usize, end: usize, script: bool, hide: &mut H) {
    let (start, end) = unquoted(text, start, end);
    let value = text.get(start..end).unwrap_or_default();
    if start < end && !is_harmless(value) && !is_variable(value, script) {
        hide.hide(start, end);
    }
}

/// Hides the value of `key=value`, or of `"key=value"` and `key="value"`.
fn hide_literal<H: Hide>(text: &[u8], start: usize, end: usize, script: bool, hide: &mut H) {
    let (start, end) = unquoted(text, start, end);
    let key = text.get(start..end).and_then(|pair| pair.iter().position(|&byte| byte == b'='));
    let value = key.map_or(start, |key| start.saturating_add(key).saturating_add(1));
    hide_value(text, value, end, script, hide);
}

/// `$NAME`. Outside of scripts only in capitals: `$ecret` is a password.
fn is_variable(value: &[u8], script: bool) -> bool {
    let Some(name) = value.strip_prefix(b"$") else { return false };
    if name.is_empty() {
        // `$(command …)`: the rest is judged by itself.
        return script;
    }
    let is_name =
        |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_') || (script && byte.is_ascii_lowercase());
    name.iter().all(is_name)
}

/// The span without a pair of quotes, escaped or not, round it.
fn unquoted(text: &[u8], start: usize, end: usize) -> (usize, usize) {
    let Some(open) = script::quote_at(text, start) else { return (start, end) };
    let from = start.saturating_add(open.length);
    let Some(to) = end.checked_sub(open.length) else { return (start, end) };
    let closes = to >= from && script::quoted_end(text.get(..end).unwrap_or(text), from, open) == end;
    let closes = closes && script::quote_at(text, to) == Some(open);
    if closes { (from, to) } else { (start, end) }
}

/// Whether an argument where a value is expected is the next flag instead: `-h`, `--host`, `-log-level`.
fn looks_like_option(word: &[u8]) -> bool {
    match word {
        [b'-', b'-', first, ..] => first.is_ascii_alphabetic(),
        [b'-', letter] => letter.is_ascii_alphanumeric(),
        [b'-', name @ ..] => {
            let equals = name.iter().position(|byte| *byte == b'=').unwrap_or(name.len());
            let name = name.get(..equals).unwrap_or_default();
            !name.is_empty() && name.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'-')
        }
        _ => false,
    }
}

/// Whether what is attached to `-p` of an unknown tool is a password rather than a port, a range of them, a
/// path, an address, or the rest of a long flag's name (`-port`, `-print0`).
fn looks_like_password(attached: &[u8]) -> bool {
    let equals = attached.iter().position(|byte| *byte == b'=').unwrap_or(attached.len());
    let name = attached.get(..equals).unwrap_or_default();
    let is_number = attached.iter().all(|byte| byte.is_ascii_digit() || b".:,/-[]".contains(byte));
    let is_path = attached.first().is_some_and(|first| matches!(first, b'/' | b'.' | b'-'));
    let is_word = name.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'));
    attached.len() >= 4 && !is_number && !is_path && !is_word && name != b"rint0"
}

/// Bytes of the names of flags and variables, and of form fields: `user[password]=x`.
#[inline(always)]
pub(super) fn is_name(byte: u8) -> bool {
    class(byte) & NAMES != 0
}

/// Bytes of names.
const NAMES: u8 = 1;
/// Bytes that may separate a name from its value, or words.
const SEPARATES: u8 = 2;

#[inline(always)]
fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
}

static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'_' | b'-' | b'.' | b'[' | b']' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => NAMES,
            b'=' | b':' | b' ' | b'\t' | b'\n' => SEPARATES,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

#[cfg(test)]
mod tests;
