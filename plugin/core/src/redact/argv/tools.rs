//! Tools that take a password by a short flag or as an argument that stands alone. Data only.
//!
//! A row says what the tool's manual says; to check one, see the manual pages that Debian and Ubuntu ship
//! (`manpages.ubuntu.com`), and the makers' own for what these do not have: `docs.min.io` (`mc`), `developer.hashicorp.com`
//! (`vault`, `consul`), `rabbitmq.com/docs`, `learn.microsoft.com` (`az`, `bcp`, `sqlcmd`, `net user`), `docs.oracle.com`
//! (`sqlplus` and its like), `mongodb.com/docs/database-tools`, `helm.sh/docs/helm`, `docs.openshift.com`. Long flags are
//! judged by their names.

use crate::json::known::Index;

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
    /// The flags mean this only behind the word `login`.
    pub(super) after_login: bool,
    /// Short flags with a value of their own, which is not counted among the arguments that stand alone.
    pub(super) valued: &'static [u8],
    /// Arguments that stand alone and are credentials.
    pub(super) operands: &'static [Operand],
}

/// An argument that is a credential by where it stands.
#[derive(Debug)]
pub(super) struct Operand {
    /// The word behind which arguments are counted; empty for the tool's own name.
    pub(super) behind: &'static str,
    /// How many arguments stand between the two.
    pub(super) skipped: u8,
    /// A short flag without which it is none; a NUL if there is no such flag.
    pub(super) with: u8,
    /// A short flag with which one argument less stands before it; a NUL if there is no such flag.
    pub(super) fewer: u8,
    /// It is a user with a password, and this sign between them; a NUL if it is a password alone.
    pub(super) sign: u8,
}

const fn behind(behind: &'static str, skipped: u8) -> Operand {
    Operand { behind, skipped, with: 0, fewer: 0, sign: 0 }
}

const PLAIN: Tool = Tool {
    names: &[],
    password: b"",
    attached: true,
    separate: true,
    user: b"",
    sign: b':',
    shell: false,
    after_login: false,
    valued: b"",
    operands: &[],
};

const TOOLS: &[Tool] = &[
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
            "mariadb-binlog",
            "mariadb-check",
            "mariadb-dump",
            "mariadb-import",
            "mariadb-show",
            "mariadb-slap",
            "mariadb-upgrade",
            "mariabackup",
            "mysql_upgrade",
            "mysqlhotcopy",
            "xtrabackup",
        ],
        password: b"p",
        separate: false,
        ..PLAIN
    },
    Tool { names: &["7z", "7za", "7zz", "7zr", "rar", "unrar"], password: b"p", separate: false, ..PLAIN },
    Tool {
        names: &[
            "az",
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
            "rabbitmqadmin",
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
        names: &[
            "snmpbulkget",
            "snmpbulkwalk",
            "snmpdelta",
            "snmpdf",
            "snmpget",
            "snmpgetnext",
            "snmpinform",
            "snmpset",
            "snmpstatus",
            "snmptable",
            "snmptest",
            "snmptrap",
            "snmpwalk",
        ],
        password: b"cAX",
        ..PLAIN
    },
    // `-E CERTIFICATE:PASSWORD`
    Tool { names: &["curl"], user: b"EuU", ..PLAIN },
    Tool { names: &["rpcclient", "smbclient", "smbget"], user: b"U", sign: b'%', ..PLAIN },
    // Samba's, and that of Windows: `net user NAME PASSWORD /add`.
    Tool { names: &["net"], user: b"U", sign: b'%', operands: &[behind("user", 1)], ..PLAIN },
    Tool { names: &["lftp"], user: b"u", sign: b',', ..PLAIN },
    // `docker run -p` is a port, `oc process -p` a parameter, `oc patch -p` a patch, `helm create -p` a starter.
    Tool {
        names: &["buildah", "crane", "docker", "helm", "nerdctl", "oc", "podman", "skopeo"],
        password: b"p",
        after_login: true,
        ..PLAIN
    },
    // `openssl enc -k PASSWORD`, `-K KEY`; `openssl passwd -6 PASSWORD`. Other flags begin with these letters, too.
    Tool { names: &["openssl"], password: b"kK", attached: false, operands: &[behind("passwd", 0)], ..PLAIN },
    Tool { names: &["beeline", "cqlsh", "useradd", "usermod"], password: b"p", ..PLAIN },
    Tool { names: &["ssh-keygen"], password: b"NP", ..PLAIN },
    Tool {
        names: &["mosquitto_pub", "mosquitto_rr", "mosquitto_sub", "osql", "tsql"],
        password: b"P",
        ..PLAIN
    },
    // `htpasswd -b FILE USER PASSWORD`, `htpasswd -nb USER PASSWORD`
    Tool {
        names: &["htpasswd"],
        valued: b"Cr",
        operands: &[Operand { with: b'b', fewer: b'n', ..behind("", 2) }],
        ..PLAIN
    },
    // `vault login TOKEN`
    Tool { names: &["bao", "vault"], operands: &[behind("login", 0)], ..PLAIN },
    // `mc alias set NAME URL KEY SECRET`, `config host add` of old, `mc admin user add NAME USER SECRET`
    Tool {
        names: &["mc", "mcli"],
        operands: &[behind("user", 3), behind("set", 3), behind("add", 3)],
        ..PLAIN
    },
    Tool {
        names: &["rabbitmqctl"],
        valued: b"npt",
        operands: &[behind("add_user", 1), behind("change_password", 1), behind("authenticate_user", 1)],
        ..PLAIN
    },
    // `consul acl set-agent-token TYPE TOKEN`
    Tool { names: &["consul"], operands: &[behind("set-agent-token", 1)], ..PLAIN },
    // `etcdctl user add USER:PASSWORD`
    Tool { names: &["etcdctl"], operands: &[Operand { sign: b':', ..behind("add", 0) }], ..PLAIN },
    // `sqlplus USER/PASSWORD@SERVICE`
    Tool {
        names: &["exp", "expdp", "imp", "impdp", "sqlldr", "sqlplus"],
        valued: b"CMR",
        operands: &[Operand { sign: b'/', ..behind("", 0) }],
        ..PLAIN
    },
    Tool { names: &["rman"], operands: &[Operand { sign: b'/', ..behind("target", 0) }], ..PLAIN },
    // `mkpasswd PASSWORD`, `rclone obscure PASSWORD`, `wpa_passphrase SSID PASSPHRASE`
    Tool { names: &["mkpasswd"], valued: b"mSRP", operands: &[behind("", 0)], ..PLAIN },
    Tool { names: &["rclone"], operands: &[behind("obscure", 0)], ..PLAIN },
    Tool { names: &["wpa_passphrase"], operands: &[behind("", 1)], ..PLAIN },
];

/// How many names there are.
const COUNT: usize = count();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn count() -> usize {
    let (mut count, mut tool) = (0, 0);
    while tool < TOOLS.len() {
        count += TOOLS[tool].names.len();
        tool += 1;
    }
    count
}

/// Every name, and which of [`TOOLS`] is called so.
const NAMES: ([&str; COUNT], [u8; COUNT]) = names();
static INDEX: Index<COUNT> = Index::of(&NAMES.0);
static TOOL_OF_NAME: [u8; COUNT] = NAMES.1;

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn names() -> ([&'static str; COUNT], [u8; COUNT]) {
    let (mut names, mut tools) = ([""; COUNT], [0; COUNT]);
    let (mut at, mut tool) = (0, 0);
    while tool < TOOLS.len() {
        let mut name = 0;
        while name < TOOLS[tool].names.len() {
            names[at] = TOOLS[tool].names[name];
            tools[at] = tool as u8;
            at += 1;
            name += 1;
        }
        tool += 1;
    }
    (names, tools)
}

/// The tool that is called so.
pub(super) fn called(word: &[u8]) -> Option<&'static Tool> {
    let mut likely = INDEX.likely(word).filter_map(|at| TOOLS.get(usize::from(*TOOL_OF_NAME.get(at)?)));
    likely.find(|tool| tool.names.iter().any(|name| word == name.as_bytes()))
}
