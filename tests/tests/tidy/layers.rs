//! Who may use whom: modules in reading order, leaf crates without runtime or clock, frameworks in two modules.

use crate::source::{Source, none, root, rust};
use std::process::Command;

/// Crates without sockets, clocks, files or a runtime, and where their source is.
const LEAVES: [(&str, &str); 4] = [
    ("palisade-wire", "proxy/wire/src/"),
    ("palisade-audit", "proxy/audit/src/"),
    ("palisade-policies", "policies/src/"),
    ("palisade-guardrails", "guardrails/src/"),
];
const RUNTIMES: [&str; 8] = [
    "tokio",
    "mio",
    "socket2",
    "hyper",
    "pingora",
    "async-std",
    "smol",
    "reqwest",
];
const IMPURE: [&str; 12] = [
    "SystemTime::now",
    "Instant::now",
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "std::env",
    "std::process",
    // Threads that end with the call are nobody's business.
    "thread::spawn",
    "thread::sleep",
    "thread::Builder",
    "std::io::stdin",
    "std::os",
];

#[test]
fn modules_use_only_modules_declared_above_them() {
    let all = rust();
    let mut offenders = Vec::new();
    for lib in all.iter().filter(|file| file.path.ends_with("src/lib.rs")) {
        let folder = lib.path.trim_end_matches("lib.rs");
        let order = declared(lib);
        let files = all
            .iter()
            .filter(|file| file.path.starts_with(folder) && !file.is_test());
        for file in files.filter(|file| file.path != lib.path) {
            let own = module_of(file, folder);
            let Some(place) = order.iter().position(|name| *name == own) else {
                continue; // main.rs and bin/ see the crate from outside.
            };
            let below = order.get(place + 1..).unwrap_or_default();
            for (line, name) in used(file) {
                if below.contains(&name) {
                    offenders.push(format!(
                        "{}:{line}: `{own}` uses `{name}`, which is declared below it",
                        file.path
                    ));
                }
            }
        }
    }
    none(
        "a module uses only modules declared above it in lib.rs",
        &offenders,
    );
}

/// The modules that lib.rs declares, in order, without test modules.
fn declared(lib: &Source) -> Vec<String> {
    let code: Vec<&str> = lib.text.lines().map(str::trim).collect();
    let declares = |line: &str| {
        let rest = line
            .strip_prefix("pub ")
            .or(line.strip_prefix("pub(crate) "))
            .unwrap_or(line);
        Some(rest.strip_prefix("mod ")?.strip_suffix(';')?.to_owned())
    };
    let pairs = std::iter::once("")
        .chain(code.iter().copied())
        .zip(code.iter().copied());
    pairs
        .filter(|(before, _)| *before != "#[cfg(test)]")
        .filter_map(|(_, line)| declares(line))
        .collect()
}

fn module_of(file: &Source, folder: &str) -> String {
    let inside = file.path.strip_prefix(folder).unwrap();
    let first = inside.split('/').next().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// Names right below the crate's root that a file mentions, with their lines.
fn used(file: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut group_depth = 0;
    for (number, line) in file.code() {
        let mut rest = line;
        if group_depth > 0 {
            group(line, &mut group_depth, number, &mut found);
            continue;
        }
        while let Some(at) = rest.find("crate::") {
            let preceded = rest.get(..at).and_then(|before| before.chars().last());
            rest = rest.get(at + "crate::".len()..).unwrap();
            if preceded.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
                continue;
            }
            if rest.starts_with('{') {
                group(rest, &mut group_depth, number, &mut found);
                break;
            }
            found.push((number, word(rest)));
        }
    }
    found
}

/// Reads names at the first level of `{a::b, c::{d, e}}`, which may go on over lines.
fn group(text: &str, depth: &mut usize, number: usize, found: &mut Vec<(usize, String)>) {
    let mut at_name = *depth == 1;
    for (index, c) in text.char_indices() {
        match c {
            '{' => {
                *depth += 1;
                at_name = *depth == 1;
            }
            '}' => {
                *depth -= 1;
                if *depth == 0 {
                    return;
                }
            }
            ',' => at_name = *depth == 1,
            c if c.is_whitespace() => {}
            _ if at_name => {
                found.push((number, word(text.get(index..).unwrap())));
                at_name = false;
            }
            _ => {}
        }
    }
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn reads_names_out_of_every_form_of_use() {
    let text = "use crate::a::B;\nuse crate::{c, d::{e, f}, g::H};\nuse crate::{\n    i::J,\n    k,\n};\nlet x = crate::l::m();\nuse palisade_crate::n;\n// crate::o\n";
    let file = Source {
        path: "x.rs".into(),
        text: text.into(),
    };
    let names: Vec<String> = used(&file).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["a", "c", "d", "g", "i", "k", "l"]);
}

#[test]
fn leaf_crates_depend_on_no_runtime_and_on_no_other_crate_of_ours() {
    let mut offenders = Vec::new();
    for (crate_name, _) in LEAVES {
        for dependency in dependencies(crate_name) {
            let runtime = RUNTIMES
                .iter()
                .any(|name| dependency == *name || dependency.starts_with("pingora-"));
            let ours = dependency.starts_with("palisade-") && dependency != crate_name;
            if runtime || ours {
                offenders.push(format!("{crate_name} depends on {dependency}"));
            }
        }
    }
    none("leaf crates are free of runtimes and of each other", &offenders);
}

/// Names of everything a crate is built with.
fn dependencies(crate_name: &str) -> Vec<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments = [
        "tree",
        "--locked",
        "--offline",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--package",
    ];
    let output = Command::new(cargo)
        .args(arguments)
        .arg(crate_name)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn leaf_crates_touch_no_clock_file_or_socket() {
    let mut offenders = Vec::new();
    for (_, folder) in LEAVES {
        let files: Vec<_> = rust()
            .into_iter()
            .filter(|file| file.path.starts_with(folder) && !file.is_test())
            .collect();
        assert!(!files.is_empty(), "{folder} holds no source");
        offenders.extend(files.iter().flat_map(|file| file.lines_with(&IMPURE)));
    }
    none("leaf crates take bytes and return values", &offenders);
}

#[test]
fn only_edge_and_upstream_name_pingora() {
    let adapters = ["proxy/src/edge", "proxy/src/upstream"];
    let elsewhere = |file: &Source| {
        file.path.starts_with("proxy/src/") && !adapters.iter().any(|adapter| file.path.starts_with(adapter))
    };
    let files: Vec<_> = rust().into_iter().filter(elsewhere).collect();
    let offenders: Vec<_> = files
        .iter()
        .flat_map(|file| file.lines_with(&["pingora::"]))
        .collect();
    none("framework types stay in the modules that adapt them", &offenders);
}
