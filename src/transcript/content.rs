//! The content of a message, as the Messages API shapes it; shared by every dialect that keeps it so.

use super::injected;
use super::scan::{Cursor, Quoted, Step};
use std::borrow::Cow;

/// One piece of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece<'a> {
    /// Words.
    Text(Cow<'a, str>),
    /// Thinking that was kept.
    Thinking(Cow<'a, str>),
    /// A tool call.
    Call {
        /// Its id.
        id: Cow<'a, str>,
        /// The tool's name.
        name: Cow<'a, str>,
        /// Its input, as JSON.
        input: Cow<'a, str>,
    },
    /// What a tool answered.
    Result {
        /// The id of the call.
        id: Cow<'a, str>,
        /// The answer as text.
        text: Cow<'a, str>,
        /// Pictures and documents in it.
        pictures: Vec<Picture<'a>>,
        /// Whether it failed.
        failed: bool,
    },
    /// A picture or document.
    Attachment(Picture<'a>),
    /// A mark of the tool's own.
    Note(Cow<'a, str>),
    /// A block of a kind not known here.
    Unknown(Cow<'a, str>),
}

/// A picture or document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picture<'a> {
    /// Its name, else its media type.
    pub name: Cow<'a, str>,
    /// Its media type, or empty.
    pub media: Cow<'a, str>,
    /// Bytes, decoded.
    pub bytes: u64,
    /// The bytes in Base64, or empty where they are elsewhere.
    pub data: Cow<'a, str>,
    /// The text of a document that is nothing but text.
    pub text: Cow<'a, str>,
}

impl<'a> Picture<'a> {
    /// What is at an address, which may hold all of it (`data:image/png;base64,…`).
    pub fn at(url: Cow<'a, str>, name: Cow<'a, str>, media: Cow<'a, str>) -> Self {
        let inside = url.strip_prefix("data:").and_then(|rest| rest.split_once(','));
        let Some((kind, data)) = inside.filter(|(kind, _)| kind.ends_with(";base64")) else {
            let name = if name.is_empty() { url } else { name };
            return Self { name, media, ..Self::default() };
        };
        let own = kind.split(';').next().unwrap_or_default();
        let media = if own.is_empty() { media } else { Cow::Owned(own.to_owned()) };
        let name = if name.is_empty() { media.clone() } else { name };
        let bytes = decoded(data);
        let data = match &url {
            Cow::Borrowed(url) => Cow::Borrowed(url.split_once(',').map_or("", |(_, data)| data)),
            Cow::Owned(_) => Cow::Owned(data.to_owned()),
        };
        Self { name, media, bytes, data, text: Cow::default() }
    }
}

impl Picture<'_> {
    /// Whether it is a picture, and not a document.
    pub fn is_image(&self) -> bool {
        self.media.starts_with("image/")
    }

    /// What stands for it where it cannot be shown.
    pub fn sentence(&self) -> String {
        format!("[{}, {} bytes]", self.name, self.bytes)
    }
}

impl From<String> for Picture<'static> {
    /// A file known by nothing but its name.
    fn from(name: String) -> Self {
        Self { name: Cow::Owned(name), ..Self::default() }
    }
}

impl Piece<'_> {
    /// Whether two pieces say the same; of a call and its answer the id tells.
    pub fn is_same(&self, other: &Piece<'_>) -> bool {
        match (self, other) {
            (Self::Text(a), Piece::Text(b)) | (Self::Thinking(a), Piece::Thinking(b)) | (Self::Note(a), Piece::Note(b)) => {
                a.trim() == b.trim()
            }
            (Self::Call { id: a, .. }, Piece::Call { id: b, .. }) | (Self::Result { id: a, .. }, Piece::Result { id: b, .. }) => a == b,
            (Self::Attachment(a), Piece::Attachment(b)) => a.name == b.name && a.bytes == b.bytes,
            (Self::Unknown(a), Piece::Unknown(b)) => a == b,
            _ => false,
        }
    }
}

/// What a content holds, without reading it.
#[derive(Debug, Default)]
pub struct Outline<'a> {
    /// Whether it says anything but what tools answered.
    pub says: bool,
    /// Whether some of that may have been typed.
    pub typed: bool,
    /// The calls that it answers.
    pub answers: Vec<Quoted<'a>>,
    /// Its first text.
    pub first_text: Quoted<'a>,
    /// Its further texts.
    pub more_texts: Vec<Quoted<'a>>,
}

/// A block as it stands, its fields found and not yet read.
#[derive(Default)]
struct Block<'a> {
    kind: Quoted<'a>,
    text: Option<Quoted<'a>>,
    thinking: Quoted<'a>,
    id: Quoted<'a>,
    of: Quoted<'a>,
    name: Quoted<'a>,
    title: Quoted<'a>,
    input: &'a [u8],
    content: &'a [u8],
    source: &'a [u8],
    failed: bool,
}

impl<'a> Block<'a> {
    /// The block at the cursor; one that is text alone is a text block.
    fn read(c: &mut Cursor<'a>) -> Step<Self> {
        let mut block = Self::default();
        if c.peek() == Some(b'"') {
            block.kind = Quoted(b"text");
            block.text = c.text()?;
            return Ok(block);
        }
        if !c.object()? {
            return Ok(block);
        }
        while let Some(key) = c.key()? {
            match key {
                b"type" => block.kind = c.text()?.unwrap_or_default(),
                b"text" => block.text = c.text()?,
                b"thinking" => block.thinking = c.text()?.unwrap_or_default(),
                b"id" => block.id = c.text()?.unwrap_or_default(),
                b"tool_use_id" => block.of = c.text()?.unwrap_or_default(),
                b"name" | b"tool_name" => block.name = c.text()?.unwrap_or_default(),
                b"title" => block.title = c.text()?.unwrap_or_default(),
                b"input" => block.input = c.skip()?,
                b"content" => block.content = c.skip()?,
                b"source" => block.source = c.skip()?,
                b"is_error" => block.failed = c.is_true()?,
                _ => {
                    c.skip()?;
                }
            }
        }
        Ok(block)
    }

    fn is_result(&self) -> bool {
        self.kind.0.ends_with(b"tool_result")
    }

    fn is_nothing(&self) -> bool {
        match self.kind.0 {
            b"text" => self.text.is_none_or(|t| injected::blank(t.0)),
            b"thinking" => injected::blank(self.thinking.0),
            b"redacted_thinking" | b"" => self.text.is_none_or(|t| injected::blank(t.0)),
            _ => false,
        }
    }
}

/// What the content at the cursor holds.
pub fn outline<'a>(c: &mut Cursor<'a>) -> Step<Outline<'a>> {
    let mut outline = Outline::default();
    each(c, |block| {
        if block.is_result() {
            outline.answers.push(block.of);
        } else if !block.is_nothing() {
            let typed = block.text.is_none_or(|text| injected::may_be_typed(text));
            outline.says = true;
            outline.typed |= typed;
            match block.text {
                Some(text) if outline.first_text.is_empty() => outline.first_text = text,
                Some(text) => outline.more_texts.push(text),
                None => {}
            }
        }
    })?;
    Ok(outline)
}

/// The pieces of the content at the cursor: text alone, or a list of blocks.
pub fn pieces<'a>(c: &mut Cursor<'a>) -> Step<Vec<Piece<'a>>> {
    let mut all = Vec::new();
    each(c, |block| all.extend(piece(&block)))?;
    Ok(all)
}

fn each<'a>(c: &mut Cursor<'a>, mut take: impl FnMut(Block<'a>)) -> Step<()> {
    match c.peek() {
        Some(b'"') => take(Block::read(c)?),
        _ if c.list()? => {
            while c.item()? {
                take(Block::read(c)?);
            }
        }
        _ => {}
    }
    Ok(())
}

fn piece<'a>(block: &Block<'a>) -> Option<Piece<'a>> {
    Some(match block.kind.0 {
        b"text" => Piece::Text(block.text?.text()),
        b"thinking" => Piece::Thinking(block.thinking.text()),
        b"note" => Piece::Note(block.text?.text()),
        b"redacted_thinking" => return None,
        b"image" | b"document" => Piece::Attachment(picture(block)),
        b"tool_use" | b"server_tool_use" | b"mcp_tool_use" => call(block),
        _ if block.is_result() => {
            let mut pictures = Vec::new();
            let text = result_text(block.content, &mut pictures);
            Piece::Result { id: block.of.text(), text, pictures, failed: block.failed }
        }
        kind => match block.text {
            Some(text) => Piece::Text(text.text()),
            None if kind.is_empty() => return None,
            None => Piece::Unknown(block.kind.text()),
        },
    })
}

/// Dispatch sessions speak to the user by a tool; what it says is the reply (cowork.md 3.2).
fn call<'a>(block: &Block<'a>) -> Piece<'a> {
    let name = block.name.text();
    if name == "SendUserMessage" || name.ends_with("__SendUserMessage") {
        let said = ["message", "text", "content"].iter().find_map(|key| field(block.input, key).filter(|said| !said.is_empty()));
        if let Some(said) = said {
            return Piece::Text(said.text());
        }
    }
    Piece::Call { id: block.id.text(), name, input: String::from_utf8_lossy(block.input) }
}

/// A text field of an object.
pub fn field<'a>(object: &'a [u8], name: &str) -> Option<Quoted<'a>> {
    let mut c = Cursor::new(object);
    if c.peek()? != b'{' || !c.object().ok()? {
        return None;
    }
    while let Some(key) = c.key().ok()? {
        if key == name.as_bytes() {
            return c.text().ok()?;
        }
        c.skip().ok()?;
    }
    None
}

fn picture<'a>(block: &Block<'a>) -> Picture<'a> {
    let of = |name: &str| field(block.source, name).filter(|text| !text.is_empty());
    let media = of("media_type").unwrap_or_default();
    let titles = [block.title, block.name, media, of("url").or_else(|| of("type")).unwrap_or_default(), block.kind];
    let name = titles.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let data = of("data").unwrap_or_default().text();
    if of("type").is_some_and(|kind| kind.0 == b"text") {
        return Picture { name: name.text(), media: media.text(), bytes: data.len() as u64, data: Cow::default(), text: data };
    }
    let omitted = omitted(&data);
    let bytes = omitted.unwrap_or_else(|| decoded(&data));
    Picture {
        name: name.text(),
        media: media.text(),
        bytes,
        data: if omitted.is_some() { Cow::default() } else { data },
        text: Cow::default(),
    }
}

/// The size in `[base64 omitted: image/png 12345 bytes, sha256 …]`, which stands in an audit log (cowork.md 3.1).
fn omitted(data: &str) -> Option<u64> {
    let (before, _) = data.strip_prefix("[base64 omitted: ")?.split_once(" bytes")?;
    before.rsplit(' ').next()?.parse().ok()
}

fn decoded(base64: &str) -> u64 {
    let chars = base64.trim_end_matches('=').len() as u64;
    chars * 3 / 4
}

/// A tool's answer as text: text blocks joined, anything else named or as JSON.
fn result_text<'a>(content: &'a [u8], pictures: &mut Vec<Picture<'a>>) -> Cow<'a, str> {
    let mut c = Cursor::new(content);
    match c.peek() {
        Some(b'"') => c.text().ok().flatten().unwrap_or_default().text(),
        Some(b'[') => {
            let mut parts = Vec::new();
            let mut read = || -> Step<()> {
                c.list()?;
                while c.item()? {
                    let mut ahead = c.clone();
                    let block = Block::read(&mut ahead)?;
                    parts.push(result_block(&block, c.skip()?, pictures));
                }
                Ok(())
            };
            // It was followed to its end before, so it can be read.
            let _ = read();
            if parts.len() == 1 { parts.pop().unwrap_or_default() } else { Cow::Owned(parts.join("\n")) }
        }
        None => Cow::default(),
        Some(_) if content == b"null" => Cow::default(),
        Some(_) => String::from_utf8_lossy(content),
    }
}

fn result_block<'a>(block: &Block<'a>, raw: &'a [u8], pictures: &mut Vec<Picture<'a>>) -> Cow<'a, str> {
    match block.kind.0 {
        b"text" => block.text.unwrap_or_default().text(),
        b"image" | b"document" => {
            let picture = picture(block);
            let told = picture.sentence();
            pictures.push(picture);
            Cow::Owned(told)
        }
        b"tool_reference" => Cow::Owned(format!("[tool {}]", block.name.text())),
        _ => String::from_utf8_lossy(raw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(content: &serde_json::Value) -> Vec<Piece<'static>> {
        let text = content.to_string().leak();
        pieces(&mut Cursor::new(text.as_bytes())).unwrap()
    }

    #[test]
    fn a_picture_is_told_by_its_kind_and_its_decoded_size() {
        let size = |data: &str| {
            let block = json!([{"type":"image","source":{"type":"base64","media_type":"image/png","data":data}}]);
            match &read(&block)[..] {
                [Piece::Attachment(picture)] if picture.name == "image/png" => (picture.bytes, picture.data.to_string()),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(size("aGVsbG8="), (5, "aGVsbG8=".into()));
        assert_eq!(size("[base64 omitted: image/png 12345 bytes, sha256 ab]"), (12345, String::new()));
    }

    #[test]
    fn a_reply_by_send_user_message_is_text() {
        let content = json!([{"type":"tool_use","id":"t","name":"mcp__x__SendUserMessage","input":{"files":{"a":1},"message":"Done."}}]);
        assert_eq!(read(&content), [Piece::Text("Done.".into())]);
    }

    #[test]
    fn a_block_of_an_unknown_kind_is_named_and_its_text_kept() {
        let content = json!([{"type":"citation_block","cite":"x"},{"type":"newer","text":"words"},"bare",7,null]);
        assert_eq!(read(&content), [Piece::Unknown("citation_block".into()), Piece::Text("words".into()), Piece::Text("bare".into())]);
    }

    #[test]
    fn an_answer_of_several_blocks_is_one_text_and_its_pictures_are_kept() {
        let picture = json!({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}});
        let content = json!([{"tool_use_id":"t","type":"tool_result","is_error":true,"content":[{"type":"text","text":"a\nb"},picture,{"type":"odd","n":1}]}]);
        let [Piece::Result { id, text, pictures, failed }] = &read(&content)[..] else { panic!() };
        assert_eq!((id.as_ref(), text.as_ref(), *failed), ("t", "a\nb\n[image/png, 3 bytes]\n{\"type\":\"odd\",\"n\":1}", true));
        assert_eq!((pictures.len(), pictures[0].data.as_ref()), (1, "AAAA"));
    }
}
