//! Row by row, what a program hides that the core keeps. Data only; `docs/vector.md` is made from it.

/// A row of the stamp, and what a program does with it.
#[derive(Clone, Copy, Debug)]
pub struct RowInVrl {
    /// Its id in stamps.
    pub id: &'static str,
    /// What is as in the core.
    pub same: &'static str,
    /// What goes as a whole, where the core hides a part or nothing; empty where there is nothing of the kind.
    pub lost: &'static str,
}

const ALL: &str = "everything";

/// Every row, in the order of the stamp.
pub const ROWS: &[RowInVrl] = &[
    row(
        "secret.data.*",
        "Secrets as bodies, in lists, tables and patches, in other objects at any depth, as JSON text in strings, four texts deep",
        "a string with JSON amid prose, with YAML that says `kind: Secret`, or that begins as base64 of JSON",
    ),
    row("secret.metadata.annotations.*", ALL, ""),
    row("secret.*", ALL, "of several names that no API has one is left, because all are called `[REDACTED]`"),
    row("secret.patch", ALL, ""),
    row("secret.message", "`reason`, `code`, and what else is one word", "every message"),
    row(
        "last_applied",
        "the copy is walked, and written anew: its members sorted, without spaces",
        "a copy with a number that no double holds",
    ),
    row(
        "uri",
        "URIs of paths without `%`, `;`, `=` and `@`, and with parameters of Kubernetes' own API whose values are words, numbers or selectors",
        "any other URI, `exec` with a command among them; the event's `objectRef` tells what it was about",
    ),
    row("object_name", "names without `;`, `%` and `=`", "other names"),
    row(
        "user_agent",
        "agents of letters, digits, blanks and `./()_,+-`, with a service account behind",
        "other agents",
    ),
    row(
        "user",
        "names and keys that say what a credential is",
        "texts that are no name, address of mail or id",
    ),
    row("oauth_token", "the name in `objectRef`, the bodies, the status", "the URI"),
    row(
        "message",
        "`\"x\" not found`, `already exists`, `is forbidden: User …` with ordinary names; sentences of words and commas",
        "every other message, note, denial and audit annotation; cells of tables with several words",
    ),
    row("expression", "expressions without quotes, slashes and backslashes", "every other expression"),
    row("condition", "expressions without quotes, slashes and backslashes", "every other condition"),
    row("certificate_request", "", "every request"),
    row("token", ALL, ""),
    row(
        "env.*",
        "the value under a name such as `DB_PASSWORD`, as a list, a map or in a patch",
        "other values, unless they are short words, numbers, paths in small letters, plain URLs or references",
    ),
    row(
        "config_map.data.*",
        "the value under a key such as `db.password`",
        "other values, unless they are as above; all of `binaryData`",
    ),
    row(
        "argument",
        "long flags without a value, paths in small letters, names of shells and of what containers usually run",
        "every other argument",
    ),
    row(
        "file_content",
        "the key of a Route; what is no `data:` URL and as short and plain as a value of a ConfigMap",
        "other contents",
    ),
    row(
        "key_name",
        "the value under a name such as `adminPassword`, pairs of `name` and `value`, patches, references that stay",
        "files, values of charts and URLs, unless they are as above; the rows of a table with a column that is called as a credential; templates with functions of their own",
    ),
    row(
        "content",
        "",
        "a text in which a format may stand: one that begins so, also in base64, or that announces a credential (`token:`, `password=`, `//user@`)",
    ),
    row("unknown_body", ALL, ""),
    row("text", "a string that is no JSON although it begins so", "JSON amid prose"),
    row(
        "damaged",
        "members that are nested too deep to be read, one by one",
        "a line that is no JSON becomes a stub; of one that was cut only ids, stage, verb and times stay",
    ),
];

const fn row(id: &'static str, same: &'static str, lost: &'static str) -> RowInVrl {
    RowInVrl { id, same, lost }
}

#[cfg(test)]
mod tests {
    use super::*;
    use auditveil_core::{POSITIONS, Vrl};

    #[test]
    fn every_row_is_told() {
        let ids: Vec<&str> = ROWS.iter().map(|row| row.id).collect();
        let known: Vec<&str> = POSITIONS.iter().map(|position| position.id).collect();
        assert_eq!(ids, known, "left: this table; right: the core");
        for (row, position) in ROWS.iter().zip(POSITIONS) {
            assert!(!row.same.contains('|') && !row.lost.contains('|'), "{}", row.id);
            // What the core's table says of VRL is not taken back here.
            let nothing_lost = row.lost.is_empty();
            assert!(!nothing_lost || position.vrl == Vrl::Yes, "{}: what is lost?", row.id);
        }
    }
}
