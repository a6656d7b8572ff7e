//! Files and functions stay short enough to be read in one go.

use crate::source::{Source, none, rust};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

#[test]
fn files_are_short() {
    let long = |file: &Source| {
        let lines = file.text.lines().count();
        (lines > FILE_LINES_MAX).then(|| format!("{}:{lines}: longer than {FILE_LINES_MAX} lines", file.path))
    };
    let product = rust().into_iter().filter(|file| !file.is_test());
    none(
        "files are short",
        &product.filter_map(|file| long(&file)).collect::<Vec<_>>(),
    );
}

#[test]
fn functions_are_short() {
    let offenders: Vec<String> = rust().iter().flat_map(long_functions).collect();
    none("functions are short", &offenders);
}

/// Functions longer than the limit. Formatted code closes a function at the indentation where it began.
fn long_functions(file: &Source) -> Vec<String> {
    let lines: Vec<&str> = file.text.lines().collect();
    let mut offenders = Vec::new();
    for (start, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        let closing = format!("{indent}}}");
        let rest = lines.get(start..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|line| **line == closing)
            .map_or(1, |end| end + 1);
        if length > FUNCTION_LINES_MAX && !declares_only(rest) && !line.trim_end().ends_with('}') {
            offenders.push(format!("{}:{}: {length} lines", file.path, start + 1));
        }
    }
    offenders
}

fn begins_function(line: &str) -> bool {
    let words = line.trim_start().split(' ');
    let mut qualifiers = words
        .skip_while(|word| ["const", "async", "extern", "\"C\""].contains(word) || word.starts_with("pub"));
    qualifiers.next() == Some("fn")
}

/// Whether a signature ends without a body, as in a trait.
fn declares_only(lines: &[&str]) -> bool {
    let ends = lines
        .iter()
        .find(|line| line.ends_with('{') || line.ends_with(';'));
    ends.is_some_and(|line| line.ends_with(';'))
}

#[test]
fn measures_functions_and_leaves_declarations() {
    let body = "    x();\n".repeat(FUNCTION_LINES_MAX);
    let check = |text: String, expected: usize| {
        let file = Source {
            path: "x.rs".into(),
            text,
        };
        assert_eq!(long_functions(&file).len(), expected);
    };
    check(
        format!("pub(crate) async fn long(\n    a: u8,\n) {{\n{body}}}\n"),
        1,
    );
    check("fn short() {\n    x();\n}\n".repeat(FUNCTION_LINES_MAX), 0);
    check(
        format!("trait T {{\n    fn declared(&self);\n}}\nimpl T {{\n{body}}}\n"),
        0,
    );
    check(
        format!(
            "impl T {{\n    const fn one() {{}}\n    fn two() {{\n{}    }}\n}}\n",
            "        x();\n".repeat(5)
        ),
        0,
    );
}
