//! Tools with a short flag for a password. Data only; from their manuals.

/// A tool, or several that take the same flags.
#[derive(Debug)]
pub(super) struct Tool {
    /// File names.
    pub(super) names: &'static [&'static str],
    /// Flags whose value is a password.
    pub(super) password: &'static [u8],
    /// Whether that value can be attached: `-px`.
    pub(super) attached: bool,
    /// Whether that value can be the next argument: `-p x`. Otherwise the tool asks for it.
    pub(super) separate: bool,
    /// Flags whose value is a user with a password.
    pub(super) user: &'static [u8],
    /// What stands between the two.
    pub(super) sign: u8,
    /// A shell: what follows `-c` is a script.
    pub(super) shell: bool,
}

const PLAIN: Tool =
    Tool { names: &[], password: b"", attached: true, separate: true, user: b"", sign: b':', shell: false };

pub(super) const TOOLS: &[Tool] = &[
    Tool { names: &["sh", "ash", "bash", "busybox", "dash", "ksh", "su", "zsh"], shell: true, ..PLAIN },
    Tool {
        names: &[
            "mysql",
            "mysqladmin",
            "mysqlbinlog",
            "mysqlcheck",
            "mysqldump",
            "mysqlimport",
            "mysqlpump",
            "mysqlsh",
            "mysqlshow",
            "mysqlslap",
            "mariadb",
            "mariadb-admin",
            "mariadb-backup",
            "mariadb-check",
            "mariadb-dump",
            "mariadb-import",
            "mariadb-show",
        ],
        password: b"p",
        separate: false,
        ..PLAIN
    },
    Tool { names: &["7z", "7za", "7zz", "7zr", "rar", "unrar"], password: b"p", separate: false, ..PLAIN },
    Tool {
        names: &[
            "az",
            "bsondump",
            "buildah",
            "helm",
            "mongo",
            "mongodump",
            "mongoexport",
            "mongofiles",
            "mongoimport",
            "mongorestore",
            "mongosh",
            "mongostat",
            "mongotop",
            "mydumper",
            "myloader",
            "oc",
            "skopeo",
            "sshpass",
        ],
        password: b"p",
        ..PLAIN
    },
    Tool { names: &["redis-cli", "valkey-cli", "redis-benchmark"], password: b"a", ..PLAIN },
    Tool {
        names: &[
            "ldapadd",
            "ldapcompare",
            "ldapdelete",
            "ldapexop",
            "ldapmodify",
            "ldapmodrdn",
            "ldapsearch",
            "ldapwhoami",
        ],
        password: b"w",
        ..PLAIN
    },
    Tool { names: &["ldappasswd"], password: b"was", ..PLAIN },
    Tool { names: &["bcp", "ipmitool", "sqlcmd", "unzip", "zip"], password: b"P", ..PLAIN },
    Tool {
        names: &["snmpbulkwalk", "snmpget", "snmpgetnext", "snmpset", "snmptrap", "snmpwalk"],
        password: b"cAX",
        ..PLAIN
    },
    Tool { names: &["curl"], user: b"uU", ..PLAIN },
    Tool { names: &["net", "rpcclient", "smbclient", "smbget"], user: b"U", sign: b'%', ..PLAIN },
];
