//! Images and documents that stand in a request.

use super::converse::{Block, Media, MediaSource};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::borrow::Cow;

/// Characters of base64 that are decoded to see what the bytes are.
const PEEK: usize = 16;

/// An image of a data URL (RFC 2397) in base64; none for anything else, or of a format that Converse does not take.
pub(super) fn image<'a>(url: &Cow<'a, str>) -> Option<Block<'a>> {
    let (kind, at) = data_url(url)?;
    let format = match kind {
        "image/png" => "png",
        "image/jpeg" | "image/jpg" => "jpeg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        _ => return None,
    };
    let bytes = behind(url, at);
    Some(image_of(format, bytes))
}

/// An image. What its bytes say goes before what it is called, for clients are often wrong.
pub(super) fn image_of<'a>(declared: &'static str, bytes: Cow<'a, str>) -> Block<'a> {
    Block::Image(Media {
        format: format(&bytes).unwrap_or(declared),
        name: None,
        context: None,
        source: MediaSource { bytes },
    })
}

/// A document, of a data URL or bare base64. `number` makes its name: names would be read by the model, and must differ.
pub(super) fn document<'a>(data: &Cow<'a, str>, filename: Option<&str>, number: usize) -> Option<Block<'a>> {
    let (format, bytes) = match data_url(data) {
        Some((kind, at)) => (format_of_type(kind), behind(data, at)),
        None => (format_of_name(filename?), data.clone()),
    };
    Some(document_of(format?, bytes, number, None))
}

/// A document of a known format.
pub(super) fn document_of<'a>(
    format: &'static str,
    bytes: Cow<'a, str>,
    number: usize,
    context: Option<Cow<'a, str>>,
) -> Block<'a> {
    Block::Document(Media {
        format,
        name: Some(format!("document-{number}")),
        context,
        source: MediaSource { bytes },
    })
}

/// The media type of a data URL, and where its base64 begins.
fn data_url(url: &str) -> Option<(&str, usize)> {
    let rest = url.strip_prefix("data:")?;
    let (head, data) = rest.split_once(',')?;
    let kind = head.strip_suffix(";base64")?;
    let kind = kind.split(';').next().unwrap_or_default();
    Some((kind, url.len() - data.len()))
}

fn behind<'a>(text: &Cow<'a, str>, at: usize) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(at..).unwrap_or_default()),
        Cow::Owned(text) => Cow::Owned(text.get(at..).unwrap_or_default().to_owned()),
    }
}

/// By the first bytes: PNG, JPEG, GIF and RIFF with WEBP in it.
fn format(base64: &str) -> Option<&'static str> {
    let head = BASE64_STANDARD.decode(base64.get(..PEEK)?).ok()?;
    match &head[..] {
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => Some("webp"),
        _ => None,
    }
}

/// Of the media types that Converse has formats for (API reference, `DocumentBlock`).
pub(super) fn format_of_type(kind: &str) -> Option<&'static str> {
    match kind {
        "application/pdf" => Some("pdf"),
        "text/plain" => Some("txt"),
        "text/markdown" => Some("md"),
        "text/csv" => Some("csv"),
        "text/html" => Some("html"),
        "application/msword" => Some("doc"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => Some("docx"),
        "application/vnd.ms-excel" => Some("xls"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Some("xlsx"),
        _ => None,
    }
}

fn format_of_name(name: &str) -> Option<&'static str> {
    const FORMATS: [&str; 9] = ["pdf", "txt", "md", "csv", "html", "doc", "docx", "xls", "xlsx"];
    let (_, extension) = name.rsplit_once('.')?;
    FORMATS
        .into_iter()
        .find(|format| extension.eq_ignore_ascii_case(format))
}
