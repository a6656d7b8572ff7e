//! What the reference takes for tables: for each place of a text, the headers over it, worked out from the beginning.

use std::collections::BTreeSet;

/// What a place of a text stands under.
#[derive(Clone, Default)]
pub(crate) struct Under {
    pub(crate) headers: Vec<Vec<u8>>,
    /// The value of a cell starts here.
    pub(crate) begins: bool,
}

/// What each place of `text` stands under, its end included.
pub(crate) fn columns(text: &[u8]) -> Vec<Under> {
    let mut under = vec![Under::default(); text.len() + 1];
    let mut line = 0;
    let mut at = 0;
    while at < text.len() {
        if opens_row(&text[at..]) {
            at = markup(text, at, &mut under);
            line = at;
        } else if text[at] == b'\n' {
            at += 1;
            let header = text[line..at - 1]
                .strip_suffix(b"\r")
                .unwrap_or(&text[line..at - 1]);
            let fits = at - 1 - line <= 1024;
            match table(header).filter(|_| fits) {
                Some(Layout::Separated(byte, names)) => at = separated(text, at, byte, &names, &mut under),
                Some(Layout::Aligned(names)) => at = aligned(text, at, &names, &mut under),
                None => {}
            }
            line = at;
        } else {
            at += 1;
        }
    }
    under
}

enum Layout {
    Separated(u8, Vec<Vec<u8>>),
    /// With where each header starts, in characters.
    Aligned(Vec<(usize, Vec<u8>)>),
}

/// The table under a line, if it can be a header.
fn table(line: &[u8]) -> Option<Layout> {
    let start = line.iter().position(|byte| !b" \"'`*_".contains(byte))?;
    let gap = (start..line.len().min(start + 42))
        .find(|at| b"\t|;,".contains(&line[*at]) || line[*at..].starts_with(b"  "))?;
    let separator = line[gap..]
        .iter()
        .find(|byte| **byte != b' ')
        .copied()
        .unwrap_or(b' ');
    let first = line[start..gap].iter();
    let blanks = first.clone().filter(|byte| **byte == b' ').count();
    let named = first
        .clone()
        .all(|byte| is_of_name(*byte) || b"\"'`*".contains(byte));
    if !named || blanks > 5 {
        return None;
    }
    if !b"\t|;,".contains(&separator) {
        let mut names = Vec::new();
        let mut at = 0;
        for part in String::from_utf8_lossy(line).split("  ") {
            let name = part.trim_matches(' ');
            if !name.is_empty() {
                let indent = part.len() - part.trim_start_matches(' ').len();
                names.push((at + indent, trimmed(name.as_bytes())));
            }
            at += part.chars().count() + 2;
        }
        let all = names.len() > 1 && names.len() <= 256 && names.iter().all(|(_, name)| is_name(name));
        return all.then_some(Layout::Aligned(names));
    }
    let names: Vec<_> = line.split(|byte| *byte == separator).map(trimmed).collect();
    let edge = |place: usize| separator == b'|' && (place == 0 || place + 1 == names.len());
    let mut places = names.iter().enumerate();
    let all = places.all(|(place, name)| is_name(name) || (name.is_empty() && edge(place)));
    let named = names.iter().filter(|name| !name.is_empty()).count();
    (all && named > 1 && names.len() <= 256).then_some(Layout::Separated(separator, names))
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b" _-./#()'&:".contains(&byte)
}

fn trimmed(cell: &[u8]) -> Vec<u8> {
    let mark = |byte: &u8| b" \"'`*_".contains(byte);
    let start = cell.iter().position(|byte| !mark(byte)).unwrap_or(cell.len());
    let end = cell
        .iter()
        .rposition(|byte| !mark(byte))
        .map_or(start, |end| end + 1);
    cell[start..end].to_vec()
}

fn is_name(cell: &[u8]) -> bool {
    let count = |byte: u8| cell.iter().filter(|found| **found == byte).count();
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte >= 0x80;
    !cell.is_empty()
        && cell.len() <= 40
        && letter(cell[0])
        && cell
            .iter()
            .all(|byte| letter(*byte) || byte.is_ascii_digit() || b" _-./#()'&:".contains(byte))
        && count(b' ') < 5
        && count(b'(') == count(b')')
        && !cell.ends_with(b".")
        && cell.iter().filter(|byte| byte.is_ascii_digit()).count() <= 4
}

/// Notes what stands under headers with a byte between them, from `at` on. Returns where the table ends.
fn separated(text: &[u8], at: usize, separator: u8, names: &[Vec<u8>], under: &mut [Under]) -> usize {
    let (mut column, mut fresh, mut quoted, mut inside) = (0, true, false, None::<usize>);
    let mut line = BTreeSet::new();
    for place in at..text.len() {
        under[place].headers = names.get(column).cloned().into_iter().collect();
        let byte = text[place];
        let blank = b" \t\r\n'`*".contains(&byte);
        if let Some(read) = inside {
            inside = (byte != b'"' && read < 1024).then_some(read + 1);
            if inside.is_some() && !blank {
                under[place].begins = std::mem::take(&mut fresh);
            }
            continue;
        }
        if !b" \r\n".contains(&byte) {
            line.insert("anything");
        }
        if byte.is_ascii_alphanumeric() || byte >= 0x80 {
            line.insert("words");
        }
        if byte == separator {
            line.insert("separators");
            (column, fresh, quoted) = (column + 1, true, false);
        } else if byte == b'\n' {
            let line = std::mem::take(&mut line);
            (column, fresh, quoted) = (0, true, false);
            if !line.contains("separators") && (line.contains("words") || !line.contains("anything")) {
                return place + 1;
            }
        } else if byte == b'"' && (fresh || quoted) {
            (quoted, inside) = (true, Some(0));
        } else if !blank {
            under[place].begins = std::mem::take(&mut fresh);
        }
    }
    under[text.len()].headers = names.get(column).cloned().into_iter().collect();
    text.len()
}

/// As `separated`, for values that stand below their headers.
fn aligned(text: &[u8], at: usize, names: &[(usize, Vec<u8>)], under: &mut [Under]) -> usize {
    let (mut offset, mut cell, mut blanks, mut anything) = (0, 0, 2, false);
    for (place, under) in under.iter_mut().enumerate().skip(at) {
        let here = if blanks >= 2 { offset } else { cell };
        let over = names.iter().rposition(|(start, _)| *start <= here);
        let next = names.iter().find(|(start, _)| *start > here);
        let near = next.filter(|(start, _)| *start <= here + 16);
        let headers = over.map(|over| &names[over]).into_iter().chain(near);
        under.headers = headers.map(|(_, name)| name.clone()).collect();
        match text.get(place) {
            None => {}
            Some(b'\n') if !anything => return place + 1,
            Some(b'\n') => (offset, blanks, anything) = (0, 2, false),
            Some(b'\r') => {}
            Some(b' ') => (offset, blanks) = (offset + 1, blanks + 1),
            Some(byte) if byte & 0xC0 == 0x80 => {}
            Some(_) => {
                if blanks >= 2 {
                    cell = offset;
                    under.begins = true;
                }
                (offset, blanks, anything) = (offset + 1, 0, true);
            }
        }
    }
    text.len()
}

fn opens_row(text: &[u8]) -> bool {
    let name = text.get(1..3).unwrap_or_default().to_ascii_lowercase();
    text[0] == b'<'
        && (name == b"tr" || name == b"th")
        && text.get(3).is_some_and(|byte| !byte.is_ascii_alphanumeric())
}

/// As `separated`, for a table of HTML whose first row starts at `at`.
fn markup(text: &[u8], at: usize, under: &mut [Under]) -> usize {
    let mut names: Vec<Vec<u8>> = Vec::new();
    let mut name = Vec::new();
    let (mut cells, mut in_cell, mut fresh, mut headed) = (0, false, false, false);
    // Nothing in the text between tags; in a tag its name so far, and whether that is complete.
    let mut tag: Option<(String, bool)> = None;
    for (place, under) in under.iter_mut().enumerate().skip(at) {
        let header = names.get(cells.max(1) - 1).filter(|_| in_cell && headed);
        under.headers = header.cloned().into_iter().collect();
        let Some(&byte) = text.get(place) else { break };
        let Some((of_tag, complete)) = &mut tag else {
            if byte == b'<' {
                tag = Some((String::new(), false));
            } else if in_cell && !headed && name.len() < 64 {
                name.push(byte);
            } else if in_cell && headed && !byte.is_ascii_whitespace() {
                under.begins = std::mem::take(&mut fresh);
            }
            continue;
        };
        if !*complete && (byte == b'/' || byte.is_ascii_alphanumeric()) {
            of_tag.push(char::from(byte.to_ascii_lowercase()));
            of_tag.truncate(8);
            continue;
        }
        let named = if *complete { String::new() } else { of_tag.clone() };
        *complete = true;
        if byte == b'>' {
            tag = None;
        }
        let opens = named == "td" || named == "th";
        let row = named == "tr" || named == "/tr";
        if named == "/table" {
            return place + 1;
        }
        if !opens && !row && named != "/td" && named != "/th" {
            continue;
        }
        if in_cell && !headed {
            names.push(std::mem::take(&mut name));
        }
        (in_cell, fresh) = (opens, opens);
        if row {
            headed |= cells > 0;
            cells = 0;
        }
        cells += usize::from(opens);
        if cells > 256 {
            return place + 1;
        }
    }
    text.len()
}
