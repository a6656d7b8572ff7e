/// Cuts `text` into chunks of about `sizes` bytes in turn, on character boundaries; the rest is the last. Chunks of no
/// bytes are chunks too.
pub(crate) fn cut<'a>(text: &'a str, sizes: &[u8]) -> Vec<&'a str> {
    let mut chunks = Vec::new();
    let mut rest = text;
    let ends = sizes.iter().all(|size| *size == 0);
    for size in sizes.iter().cycle() {
        if rest.is_empty() || ends {
            break;
        }
        let (chunk, later) = rest.split_at(rest.ceil_char_boundary(usize::from(*size).min(rest.len())));
        chunks.push(chunk);
        rest = later;
    }
    chunks.push(rest);
    chunks
}
