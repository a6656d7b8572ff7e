//! Words that stand before numbers and names.

/// What numbers with full stops are called that are no addresses, in the languages that specifications are written in.
pub(super) const NUMBERED: &[&str] = &[
    "version",
    "versions",
    "ver",
    "vers",
    "release",
    "releases",
    "rel",
    "build",
    "builds",
    "firmware",
    "fw",
    "clause",
    "clauses",
    "section",
    "step",
    "steps",
    "sections",
    "subsection",
    "subclause",
    "sec",
    "sect",
    "chapter",
    "chapters",
    "paragraph",
    "paragraphs",
    "para",
    "article",
    "articles",
    "annex",
    "appendix",
    "table",
    "tables",
    "figure",
    "figures",
    "fig",
    "requirement",
    "requirements",
    "req",
    "control",
    "controls",
    "revision",
    "rev",
    "sdk",
    "jdk",
    "jre",
    "oid",
    "package",
    "pkg",
    "dependency",
    "edition",
    "schema",
    "library",
    "safeguard",
    "criterion",
    "abschnitt",
    "kapitel",
    "ziffer",
    "absatz",
    "artikel",
    "anhang",
    "versionen",
    "versión",
    "versiones",
    "sección",
    "cláusula",
    "capítulo",
    "apartado",
    "versione",
    "sezione",
    "capitolo",
    "versão",
    "seção",
    "versie",
    "sectie",
    "hoofdstuk",
    "wersja",
    "версия",
    "раздел",
];

/// How versions change: `upgraded from 1.2.3.4 to 1.2.3.5`.
pub(super) const CHANGES: &[&str] = &[
    "upgrade",
    "upgrades",
    "upgraded",
    "upgrading",
    "update",
    "updates",
    "updated",
    "updating",
    "downgrade",
    "downgraded",
    "bump",
    "bumps",
    "bumped",
    "bumping",
];

/// Who numbers standards: `ISO 9001 7.5.3.2`.
pub(super) const STANDARDS: &[&str] = &[
    "iso", "iec", "ieee", "nist", "rfc", "din", "en", "itu", "etsi", "ansi", "cis",
];

/// What parts, orders and ranges are called whose numbers look like those of persons.
pub(super) const PARTS: &[&str] = &[
    "part",
    "parts",
    "pn",
    "sku",
    "item",
    "items",
    "model",
    "serial",
    "range",
    "ranges",
    "catalog",
    "catalogue",
    "drawing",
    "order",
    "orders",
    "lot",
    "batch",
    "isbn",
    "article",
    "invoice",
    "ticket",
    "teil",
    "artikel",
    "bestellung",
    "pièce",
    "pieza",
];

/// Words between a name and its number.
pub(super) const JOINING: &[&str] = &[
    "number", "numbers", "no", "nr", "num", "is", "was", "are", "and", "or", "und", "oder", "et", "ou", "y",
    "e",
];

/// Words between two numbers of a kind.
pub(super) const SPANNING: &[&str] = &["from", "to", "through", "until", "than", "bis", "von", "à", "a"];

/// What stands in front of an address with a slash or a hyphen between: `tcp/10.1.2.3`, `ip-10.1.2.3`.
pub(super) const NETWORKING: &[&str] = &[
    "ip", "ipv4", "inet", "tcp", "udp", "icmp", "host", "hosts", "server", "node", "vm", "addr", "address",
    "client", "peer", "lookup", "whois", "subnet", "network", "net", "src", "dst", "from", "to", "dns", "ns",
];

/// Commands that install packages: what they have behind an `@` is a version.
pub(super) const INSTALLERS: &[&str] = &["npm", "npx", "yarn", "pnpm", "bun", "bunx", "brew", "go"];

/// Commands whose argument `user@host` is where they connect to.
pub(super) const TRANSPORTS: &[&str] = &[
    "ssh",
    "scp",
    "sftp",
    "rsync",
    "mosh",
    "autossh",
    "sshfs",
    "ssh-copy-id",
    "ssh-keyscan",
    "git",
    "hg",
    "svn",
];

/// What stands between `git` and a remote.
pub(super) const SUBCOMMANDS: &[&str] = &[
    "clone",
    "remote",
    "add",
    "set-url",
    "origin",
    "upstream",
    "push",
    "pull",
    "fetch",
    "ls-remote",
    "submodule",
    "copy",
    "checkout",
    "co",
    "update",
];
