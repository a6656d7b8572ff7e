//! Captured requests of real SDKs: first line, headers as sent, blank line, body.

/// One captured request, in a form that tests can change.
#[derive(Clone)]
pub(crate) struct Capture {
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) path: Vec<u8>,
    pub(crate) query: Vec<u8>,
    /// `:authority` when there is one, else `Host`.
    pub(crate) authority: String,
    /// Without pseudo headers; with `authorization`.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Capture {
    /// Parses a capture file. Lines end in CRLF or LF; `HTTP/2` files list the pseudo headers.
    pub(crate) fn parse(name: &str, bytes: &[u8]) -> Self {
        let mut rest = bytes;
        let first = take_line(&mut rest);
        let words: Vec<&str> = first
            .split(' ')
            .filter(|word| !word.starts_with("HTTP/"))
            .collect();
        let [method, target] = words[..] else {
            panic!("{name}: first line");
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = Vec::new();
        loop {
            let line = take_line(&mut rest);
            if line.is_empty() {
                break;
            }
            let (header, value) = line[1..].split_once(": ").expect("a header line");
            headers.push((format!("{}{header}", &line[..1]), value.as_bytes().to_vec()));
        }
        let find = |wanted: &str| {
            headers
                .iter()
                .find(|(header, _)| header.eq_ignore_ascii_case(wanted))
        };
        let (_, authority) = find(":authority").or_else(|| find("host")).expect("a host");
        Self {
            name: name.to_owned(),
            method: method.to_owned(),
            path: path.as_bytes().to_vec(),
            query: query.as_bytes().to_vec(),
            authority: String::from_utf8(authority.clone()).unwrap(),
            headers: headers
                .into_iter()
                .filter(|(header, _)| !header.starts_with(':'))
                .collect(),
            body: rest.to_vec(),
        }
    }

    /// Every capture in `tests/captures`, by name.
    pub(crate) fn all() -> Vec<Self> {
        let mut paths: Vec<_> = std::fs::read_dir("tests/captures")
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "http"))
            .collect();
        paths.sort();
        let read = |path: &std::path::PathBuf| {
            let name = path.file_stem().unwrap().to_str().unwrap();
            Self::parse(name, &std::fs::read(path).unwrap())
        };
        paths.iter().map(read).collect()
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        let mut found = self
            .headers
            .iter()
            .filter(|(header, _)| header.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_slice())
    }
}

fn take_line(rest: &mut &[u8]) -> String {
    let end = rest.iter().position(|b| *b == b'\n').expect("a line end");
    let line = str::from_utf8(&rest[..end])
        .unwrap()
        .trim_end_matches('\r')
        .to_owned();
    *rest = &rest[end + 1..];
    line
}
