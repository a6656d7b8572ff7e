//! x
use palisade_policies::*;
fn main() {
    let kind = std::env::args().nth(1).unwrap_or_default();
    let n: usize = std::env::args().nth(2).unwrap_or_default().parse().unwrap_or(0);
    let (a, m, z) = match kind.as_str() {
        "paren" => ("(", "true", ")"),
        "set" => ("[", "true", "]"),
        "rec" => ("{a:", "true", "}"),
        "dot" => ("", "context", ".a"),
        "call" => ("", "context", ".contains(1)"),
        "if" => ("if true then ", "true", " else false"),
        "else" => ("if true then true else ", "true", ""),
        "and" => ("true && ", "true", ""),
        "or" => ("true || ", "true", ""),
        "plus" => ("1+", "1", ""),
        "when" => ("", "true", "} when {true"),
        "pand" => ("(true && ", "true", ")"),
        "cand" => ("(context.base.businessDay && ", "true", ")"),
        "cor" => ("(context.base.businessDay || ", "true", ")"),
        "por" => ("(false || ", "true", ")"),
        "pnot" => ("!(", "true", ")"),
        "pandl" => ("(", "true", " && true)"),
        "ifc" => ("if ", "true", " then true else false"),
        "ife" => ("if context.base.businessDay then true else ", "true", ""),
        "ift" => ("if context.base.businessDay then ", "true", " else false"),
        "ifcc" => ("if (", "context.base.businessDay", " ) then context.base.businessDay else context.base.businessDay"),
        "has" => ("(context.base has now && ", "true", ")"),
        "eqp" => ("(true == ", "true", ")"),
        "func" => ("ip(", "true", ")"),
        _ => ("", "true", ""),
    };
    let t0 = std::time::Instant::now();
    let policy = format!(
        "@id(\"x\") permit (principal, action in Palisade::Action::\"Invoke\", resource) when {{ {}{m}{} }};",
        a.repeat(n),
        z.repeat(n)
    );
    let len = policy.len();
    let h = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
        let schema = DEFAULT_BUNDLE
            .iter()
            .find(|s| s.path == "schema.cedarschema")
            .map(|s| s.text)
            .unwrap_or_default();
        Bundle::load(&[
            Source {
                path: "schema.cedarschema",
                text: schema,
            },
            Source {
                path: "policies/p.cedar",
                text: &policy,
            },
        ])
        .is_ok()
    });
    let r = h.map(|h| h.join());
    assert!(r.is_ok());
    let t = format!("{:?}", t0.elapsed());
    let _ = std::io::Write::write_all(
        &mut std::io::stdout(),
        format!("{kind} {n} {len} {r:?} {t}\n").as_bytes(),
    );
}
