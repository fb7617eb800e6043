//! What somebody wrote, as markdown that cannot reach beyond its place: no raw HTML, no open fence, no false heading.

use super::address::Swallowed;
use super::signs::{backticks, begins_html, openings};
use super::skim::{Fence, Told, has_signs, has_tabbed_fence, may_rule, skim};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::borrow::Cow;
use std::ops::Range;

/// After so many passes every `<` of what still is HTML goes at once, and after as many again every `<` there is.
const PASSES: usize = 12;

/// A paragraph that nobody writes.
const PROBE: &str = "\n\n\u{E000}\u{E001}";

/// Clean text as markdown for the body of a page.
pub fn prose(text: &str) -> String {
    let text = text.trim_end().trim_start_matches('\n');
    match skim(text) {
        Told::Harmless(None) => text.to_owned(),
        Told::Harmless(Some(fence)) => closed(text.to_owned(), fence),
        Told::Unsure => parsed(text),
    }
}

/// The same, as the parser tells.
fn parsed(text: &str) -> String {
    // What stands behind it tells whether a fence is open there.
    let mut text = format!("{}{PROBE}", without_tabs(text));
    for pass in 0..2 * PASSES {
        let (edits, open) = read(&text, pass >= PASSES);
        if edits.is_empty() {
            return ended(text, open);
        }
        text = edited(&text, &edits);
    }
    let text = text.replace('<', "&lt;");
    let (_, open) = read(&text, true);
    ended(text, open)
}

/// The text without the tabs behind fences: to some viewers a fence that has one does not end another.
fn without_tabs(text: &str) -> Cow<'_, str> {
    if !has_tabbed_fence(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let all = text.split_inclusive('\n').flat_map(|line| {
        let (kept, rest) = line.split_at(line.trim_end().len());
        let fence = kept.ends_with("```") || kept.ends_with("~~~");
        [kept, if fence { rest.trim_start_matches(['\t', ' ']) } else { rest }]
    });
    Cow::Owned(all.collect())
}

/// The text without what was put behind it, and with its fence closed.
fn ended(mut text: String, open: Option<Fence>) -> String {
    text.truncate(text.len() - PROBE.len());
    match open {
        Some(fence) => closed(text, fence),
        None => text,
    }
}

fn parser(text: &str, github: bool) -> pulldown_cmark::OffsetIter<'_> {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let options = if github { options | Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES } else { options };
    Parser::new_ext(text, options).into_offset_iter()
}

/// Places where something goes in or, for `<`, is replaced; and the fence that is open at the end. What is a table or a
/// footnote to one viewer is a paragraph or a link's address to another.
fn read(text: &str, all: bool) -> (Vec<(usize, &'static str)>, Option<Fence>) {
    let Seen { mut edits, mut signs, open } = seen(text, all, true);
    if text.contains('<') && (text.contains('|') || text.contains("[^")) {
        let plain = seen(text, all, false);
        edits.extend(plain.edits);
        signs.extend(plain.signs);
    }
    // What is code and what is not is known once nothing else has to change.
    let mut edits = if edits.is_empty() { signs } else { edits };
    edits.sort_unstable();
    edits.dedup();
    (edits, open)
}

/// What one viewer sees in a text.
struct Seen {
    /// Places where something goes in or is replaced.
    edits: Vec<(usize, &'static str)>,
    /// The same for each `<` in words that is no tag to this viewer, and may be one to another.
    signs: Vec<(usize, &'static str)>,
    /// The fence that is open at the end.
    open: Option<Fence>,
}

/// A text as GitHub's viewer sees it, or a plain one.
fn seen(text: &str, all: bool, github: bool) -> Seen {
    let (mut edits, mut signs) = (Vec::new(), Vec::new());
    let mut rows = Vec::new();
    let (mut block, mut open): (Option<Range<usize>>, Option<usize>) = (None, None);
    let end = text.len() - PROBE.trim_start().len();
    let mut heading: Option<String> = None;
    let (mut block_of_code, mut hidden, mut loose, mut swallowed) = (false, false, Vec::new(), Swallowed::default());
    let events = parser(text, github);
    // What a text defines would hold for every other text of the page, and is not shown itself.
    edits.extend(events.reference_definitions().iter().map(|(_, definition)| (definition.span.start, "\\")));
    for (event, range) in events {
        edits.extend(swallowed.look(text, &event, &range).into_iter().map(|at| (at, "\\")));
        match &event {
            Event::Start(Tag::FootnoteDefinition(_)) => edits.push((range.start, "\\")),
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) if has_tight_title(text.get(range.clone()).unwrap_or_default()) => {
                let image = text.get(range.clone()).is_some_and(|t| t.starts_with('!'));
                edits.push((range.start + usize::from(image), "\\"));
            }
            Event::Start(Tag::Table(_)) => rows.push(range.clone()),
            Event::Start(Tag::CodeBlock(_)) => {
                block_of_code = true;
                rows.push(range.clone());
            }
            Event::End(TagEnd::CodeBlock) => block_of_code = false,
            Event::Code(code) => {
                hidden |= code.contains('<');
                if begins_html(text.get(range.clone()).unwrap_or_default()) {
                    edits.extend(backticks(text, range.clone()).map(|at| (at, "\\")));
                }
            }
            Event::Text(_) if !block_of_code => {
                loose.extend(backticks(text, range.clone()));
                signs.extend(openings(text, range.clone()));
            }
            _ => {}
        }
        match event {
            // Once the first `<` is no tag, the rest of the block is read anew: it may hold code.
            Event::Start(Tag::HtmlBlock) => block = Some(range),
            Event::End(TagEnd::HtmlBlock) => {
                if let Some(range) = block.take() {
                    tags(text, range, all, &mut edits);
                }
            }
            Event::InlineHtml(_) => tags(text, range, all, &mut edits),
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let words = heading.take().unwrap_or_default();
                edits.extend(is_turn(&words).then(|| heading_mark(text, range)).flatten().map(|at| (at, "\\")));
            }
            Event::Text(part) | Event::Code(part) => heading.iter_mut().for_each(|words| words.push_str(&part)),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) if range.end > end => open = Some(range.start),
            _ => {}
        }
    }
    if github {
        edits.extend(notes(text, &rows).map(|at| (at, "\\")));
    }
    if github && has_signs(text.as_bytes()) {
        edits.extend(rules(text, &rows).map(|at| (at, "\\")));
    }
    if hidden {
        // GitHub's viewer finds no code behind backticks that open none, and acts on the tags in it.
        edits.extend(loose.into_iter().map(|at| (at, "\\")));
    }
    let mark = |start: usize| {
        let line = text.get(start..).unwrap_or_default().trim_start().as_bytes();
        let mark = line.first().copied().unwrap_or(b'`');
        Fence { mark, length: line.iter().take_while(|b| **b == mark).count() }
    };
    Seen { edits, signs, open: open.map(mark) }
}

/// What one viewer takes for the line below a table's heads and another for more of a paragraph: code may end in one and not
/// in the other. Gives the first sign of each, which as plain text makes it no table for anybody. `but` are ranges that are
/// known to be a table or code.
fn rules<'a>(text: &'a str, but: &'a [Range<usize>]) -> impl Iterator<Item = usize> + 'a {
    let blank = |line: &str| line.trim_start_matches(['>', ' ', '\t']).trim_end().is_empty();
    let (mut at, mut above) = (0, "");
    text.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        let above = std::mem::replace(&mut above, line);
        let rule = may_rule(line.trim_end_matches('\n').as_bytes()) && !but.iter().any(|range| range.contains(&start));
        (rule && !blank(above)).then(|| line.find(['|', ':']).map(|sign| start + sign)).flatten()
    })
}

/// Where footnotes are defined for GitHub's viewer, whose labels may hold a `[`. `but` are ranges of tables and code.
fn notes<'a>(text: &'a str, but: &'a [Range<usize>]) -> impl Iterator<Item = usize> + 'a {
    let mut at = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        at += line.len();
        let words = line.trim_start_matches(|c: char| c.is_ascii_digit() || " \t>.)-*+".contains(c));
        let (start, label) = (at - words.len(), words.strip_prefix("[^")?);
        let end = label.find([']', ' ', '\t', '\n']).filter(|end| *end > 0)?;
        (label.get(end..)?.starts_with("]:") && !but.iter().any(|range| range.contains(&start))).then_some(start)
    })
}

fn tags(text: &str, range: Range<usize>, all: bool, edits: &mut Vec<(usize, &'static str)>) {
    let part = text.get(range.clone()).unwrap_or_default();
    let found = part.match_indices('<').map(|(at, _)| (range.start + at, "<"));
    edits.extend(found.take(if all { usize::MAX } else { 1 }));
}

fn edited(text: &str, edits: &[(usize, &'static str)]) -> String {
    let mut out = String::with_capacity(text.len() + edits.len() * 4);
    let mut from = 0;
    for (at, what) in edits {
        out.push_str(text.get(from..*at).unwrap_or_default());
        let tag = *what == "<";
        out.push_str(if tag { "&lt;" } else { what });
        from = at + usize::from(tag);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Whether a heading of these words would pass for one of a turn.
fn is_turn(words: &str) -> bool {
    // Not every viewer takes the same signs for the heading's end.
    let words = words.trim().trim_end_matches(['#', ' ', '\t']);
    let rest = ["You", "Claude", "Asked", "Answered"].iter().find_map(|name| words.strip_prefix(name));
    rest.is_some_and(|rest| rest.is_empty() || rest.trim_start().starts_with('·'))
}

/// Where a heading is to be broken.
fn heading_mark(text: &str, range: Range<usize>) -> Option<usize> {
    let part = text.get(range.clone())?;
    let in_first = part.find('#').filter(|at| part.get(..*at).is_some_and(|s| s.trim().is_empty()));
    let underline = || part.trim_end().rfind('\n').map(|at| at + 1 + part.get(at + 1..).map_or(0, |l| l.len() - l.trim_start().len()));
    Some(range.start + in_first.or_else(underline)?)
}

/// Whether a title follows a target between `<` and `>` with no white space before it: a link to one viewer, and to another
/// plain text in which `<…>` is a tag.
fn has_tight_title(link: &str) -> bool {
    let tight = |(at, _): (usize, &str)| {
        let target = link.get(at + 2..).unwrap_or_default().trim_start();
        let end = target.strip_prefix('<').and_then(|rest| Some((rest, rest.find('>')?)));
        end.and_then(|(rest, end)| rest.get(end + 1..)).is_some_and(|after| after.starts_with(['"', '\'', '(']))
    };
    link.match_indices("](").any(tight)
}

/// The text with the fence that is open at its end closed.
fn closed(mut text: String, fence: Fence) -> String {
    text.push('\n');
    text.extend(std::iter::repeat_n(char::from(fence.mark), fence.length));
    text
}

/// Text in a fence longer than any run of backticks in it.
pub fn fenced(language: &str, text: &str) -> String {
    let mut longest = 0;
    let mut rest = text.as_bytes();
    while let Some(at) = memchr::memchr(b'`', rest) {
        rest = rest.get(at..).unwrap_or_default();
        let run = rest.iter().take_while(|b| **b == b'`').count();
        rest = rest.get(run..).unwrap_or_default();
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    [&fence, language, "\n", text, end, &fence].concat()
}

/// Text as one line of HTML: no tag, no entity, no line break, at most so many characters.
pub fn html_line(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut: String = line.chars().take(most).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A short text within a line of markdown, every sign that markdown could act on escaped.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        if c.is_ascii_punctuation() && !".,:;/'\"()?%=@ -+".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Markdown put together from what decides how it is read.
    fn markdown() -> impl Strategy<Value = String> {
        let blocks = "|a|\n|-|\n,\n\n| a | b |\n|:-:|---|\n,| `a` | <,\n,\n,\n,\n\n,\n\n,\r\n, ,  ,   ,    ,\t,- ,* ,+ ,-,1. ,2) ,14. ,1.,> ,```,```,````,~~~,~~~~,```rust,---,***,_ _ _,===,# ,## ,[ ],[x],|,|-|,- |";
        let inline = "a,word,`,``,`a`,`Vec<T>`,<b>,</b>,<div>,<!-- ,-->,<https://x.y>,< ,<=,<pre>,</pre>,\\,\\`,[a](b,[a](b),](,][,(,<https://x`>,http://x.y,www.y.z/,![i](,\\<b>,<a_b>,[^a[b]:,[a]: /x,]:,),You,Y,ou,Claude ·,Asked,**You**,Yours,A list,&#89;ou,·,é,字,\",'";
        let all = |parts: &'static str| proptest::sample::select(parts.split(',').collect::<Vec<_>>());
        let mixed = proptest::collection::vec(prop_oneof![3 => all(blocks), 2 => all(inline)], 0..24);
        let fences = proptest::collection::vec(prop_oneof![4 => all(blocks), 1 => all("a,`Vec<T>`,x")], 0..24);
        prop_oneof![mixed, fences].prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn what_is_told_at_a_glance_the_parser_tells_as_well(text in markdown()) {
            let text = text.trim_end().trim_start_matches('\n');
            if skim(text) != Told::Unsure {
                prop_assert_eq!(prose(text), parsed(text));
            }
        }
    }

    #[test]
    fn of_most_texts_it_is_told_at_a_glance() {
        for text in [
            "Words, `code` and 1 < 2.\n\n- a list\n- of `Vec<T>`s\n\n```rust\nlet x: Vec<T>;\n```\n\nMore.",
            "1. Run:\n\n   ```bash\n   make\n   ```\n\n2. Look\n   at it.\n\nThen\n```\n<b>\n```",
            "> ```\n> a quote\n\n~~~~\n```\n<i>\n~~~~\n",
            "an open\n```html\n<p>",
            "## Summary\n\n### `Yours and mine`\n\n---\n\n## **All** of it\n\n- # Your\n",
            "See `<b>`:\n\n| a | b c |\n|:--|---|\n| `x` | 1 < 2 |\n\n```\n| a |\n|---|\n<i>\n```",
            "See <https://example.org/a> and [it](https://example.org/b): `Vec<T>`.",
        ] {
            assert_ne!(skim(text), Told::Unsure, "{text}");
        }
    }

    #[test]
    fn a_line_of_a_table_is_no_list_and_a_box_alone_no_item() {
        assert_eq!(prose("| a |\n- |\n  ```\n#"), "| a |\n- |\n  ```\n#\n```");
        assert_eq!(prose("+ [x]     \n\n  ```````"), "+ [x]     \n\n  ```````\n```````");
    }

    #[test]
    fn raw_html_is_shown_and_not_acted_on_while_code_stays_as_it_is() {
        assert_eq!(prose("a <b>bold</b> word, `<i>` and\n\n```html\n<p>\n```"), "a &lt;b>bold&lt;/b> word, `<i>` and\n\n```html\n<p>\n```");
        assert_eq!(prose("<script>alert(1)</script>"), "&lt;script>alert(1)&lt;/script>");
        assert_eq!(prose("[^1]: f</details>oo"), "\\[^1]: f&lt;/details>oo");
        assert_eq!(prose("|a|\n|-|\n|b|<pre>"), "|a|\n|-|\n|b|&lt;pre>");
        assert_eq!(prose("<![cdata[ x\n\n\\<![cdata["), "&lt;![cdata[ x\n\n\\<![cdata[");
        assert_eq!(prose("</details>\n\n1 < 2 and <https://example.org>"), "&lt;/details>\n\n1 < 2 and <https://example.org>");
    }

    #[test]
    fn what_is_no_tag_to_one_viewer_is_one_to_none() {
        assert_eq!(prose("</systr\t\t\n\t>"), "&lt;/systr\t\t\n\t>");
        assert_eq!(prose("a HashMap<String, Vec<u8>> or 1 <b, \\<i> and `<b`"), "a HashMap<String, Vec&lt;u8>> or 1 <b, \\<i> and `<b`");
    }

    #[test]
    fn backticks_that_open_no_code_make_no_viewer_act_on_tags_in_code() {
        assert_eq!(prose("a ```` b `c` d `</details>` e"), "a \\`\\`\\`\\` b `c` d `</details>` e");
        assert_eq!(prose("a ```` b `c` \\` d"), "a ```` b `c` \\` d");
    }

    #[test]
    fn a_backtick_that_goes_on_an_address_opens_no_code_where_there_may_be_html() {
        assert_eq!(prose("http://x/`<b>`"), "http://x/\\`&lt;b>\\`");
        assert_eq!(prose("www.x.y/` `a` <b> `"), "www.x.y/\\` \\`a` <b> `");
        assert_eq!(prose("http://x/ `<b>` http://y/`c`"), "http://x/ `<b>` http://y/\\`c\\`");
        assert_eq!(prose("http://x/`b`"), "http://x/`b`");
    }

    #[test]
    fn a_link_or_picture_that_goes_on_an_address_is_none_where_there_may_be_html() {
        assert_eq!(
            prose("[link](\\\"http://x.y\"user\"![i](h<command-name>ttp://x/y.png)"),
            "[link](\\\"http://x.y\"user\"!\\[i](h&lt;command-name>ttp://x/y.png)"
        );
        assert_eq!(prose("http://x/`a z` [l](c`<b>)"), "http://x/\\`a z\\` [l](c`<b>)");
        assert_eq!(prose("http://x[a q](b[c) z](e`) h `i `<f>`"), "http://x\\[a q](b[c) z](e`) h `i `&lt;f>`");
        for same in
            ["http://x[a](b) and `Vec<T>`", "[http://x.y](http://x.y) `<b>`", "http://x![i](y)\n\n`<b>`", "[a](c<b>)", "![i](<b c>)"]
        {
            assert_eq!(prose(same), same);
        }
    }

    #[test]
    fn more_backticks_than_one_viewer_counts_open_no_code_where_there_may_be_html() {
        let (most, more) = ("`".repeat(80), "`".repeat(81));
        assert_eq!(prose(&format!("a {more}<b>{more}")), format!("a {0}&lt;b>{0}", "\\`".repeat(81)));
        for same in [format!("a {most}<b>{most}"), format!("a {more}b{more}"), format!("{more}\n<b>\n{more}")] {
            assert_eq!(prose(&same), same);
        }
    }

    #[test]
    fn a_backslash_that_goes_on_an_address_makes_no_tag_plain_text() {
        assert_eq!(prose("http://x\\<b> \\<i>"), "http://x\\\\&lt;b> \\<i>");
        assert_eq!(prose("http://x\\<n`@z> ` `<b>`"), "http://x\\\\&lt;n\\`@z> \\` `<b>`");
    }

    #[test]
    fn a_footnote_whose_label_only_one_viewer_takes_is_none() {
        assert_eq!(prose("[^a`[^b]:<i> \nz`<u>"), "\\[^a`[^b]:<i> \nz`&lt;u>");
        assert_eq!(prose("> [^a[b]: x\n>\n>     <i>"), "> \\[^a[b]: x\n>\n>     <i>");
        for same in ["\t[^a[b]: x <b>", "```\n[^a[b]: x\n```", "a[^b[c]: d"] {
            assert_eq!(prose(same), same);
        }
    }

    #[test]
    fn what_cannot_be_the_name_of_a_tag_stays_as_it_is() {
        let same = "<pasted_content id=\"a\">, Map<String, u8>, <a.b>, <x@y>, </1> and <https:x y> `<a>`";
        assert_eq!(prose(same), same);
        assert_eq!(prose("<x-1 y>, </x>, <a/>, <a\nb>, <a"), "&lt;x-1 y>, &lt;/x>, &lt;a/>, &lt;a\nb>, &lt;a");
    }

    #[test]
    fn a_line_of_code_that_begins_like_html_is_no_code() {
        assert_eq!(prose("> `\n</pre>\nx`"), "> \\`\n&lt;/pre>\nx\\`");
        assert_eq!(prose("> a `b\n> c <i>` d"), "> a `b\n> c <i>` d");
    }

    #[test]
    fn where_there_may_be_html_what_is_a_table_to_one_viewer_alone_is_one_to_none() {
        assert_eq!(prose("a `b <x\nc`<i>\n|-|\n|<u>|"), "a `b <x\nc`&lt;i>\n\\|-|\n|&lt;u>|");
        assert_eq!(prose("``<`<x&<pre>a\\\n|-|\n  `"), "\\`\\`<`<x&<pre>a\\\n\\|-|\n  `");
        let table = "a `<b>`\n\n|c|\n|-|\n|d|\n|-|\n\n```\na <b>\nc\n|-|\n```";
        assert_eq!(prose(table), table);
    }

    #[test]
    fn a_line_of_millions_of_signs_is_read_once() {
        let ticks = "`".repeat(3_000_000);
        for text in [format!("```\n{ticks}x"), format!("```\nx{ticks}"), format!("```\n{}", "```\t \t".repeat(400_000))] {
            assert!(prose(&text).ends_with("\n```"));
        }
        let labels = "]:".repeat(1_000_000);
        assert_eq!(prose(&labels), labels);
    }

    #[test]
    fn a_fence_with_a_tab_behind_it_ends_one_for_every_viewer() {
        assert_eq!(prose("<b>\n```\t\n```\t\nw\n~~~ \t\n```\n \tx"), "&lt;b>\n```\n```\nw\n~~~\n```\n \tx\n~~~");
        assert_eq!(prose("<b>\n\ta `x`\t\nb \t"), "&lt;b>\n\ta `x`\t\nb");
    }

    #[test]
    fn a_target_with_its_title_right_behind_it_is_a_link_to_nobody() {
        assert_eq!(prose("![x](<script>\"t\")"), "!\\[x](&lt;script>\"t\")");
        assert_eq!(prose("[x](<b>'t') [y](<a b> \"t\")"), "\\[x](&lt;b>'t') [y](<a b> \"t\")");
    }

    #[test]
    fn what_a_text_defines_is_shown_and_holds_for_no_other_text() {
        assert_eq!(prose("see [1]\n\n[1]: https://example.org\n[1]: /two"), "see [1]\n\n\\[1]: https://example.org\n[1]: /two");
        assert_eq!(prose("- a\n\n  [x y]:\n  /url 'title'"), "- a\n\n  \\[x y]:\n  /url 'title'");
        assert_eq!(prose("> [^1]: a note\n\nb[^1]"), "> \\[^1]: a note\n\nb[^1]");
        assert_eq!(prose("```py\nif a[1]:\n[1]: /x\n```\nand `[1]: /x`"), "```py\nif a[1]:\n[1]: /x\n```\nand `[1]: /x`");
    }

    #[test]
    fn a_fence_left_open_is_closed_with_its_own_sign_and_length() {
        assert_eq!(prose("see\n~~~~ rust\nfn x() {"), "see\n~~~~ rust\nfn x() {\n~~~~");
        assert_eq!(prose("`````\n```\nx"), "`````\n```\nx\n`````");
        assert_eq!(prose("```\ndone\n```"), "```\ndone\n```");
    }

    #[test]
    fn a_fence_hidden_in_html_is_seen_once_the_html_is_text() {
        assert_eq!(prose("<div>\n```\n</div>"), "&lt;div>\n```\n</div>\n```");
    }

    #[test]
    fn nobody_can_write_a_heading_that_passes_for_a_turn() {
        assert_eq!(prose("## Claude · 09:14\n\n# Mine"), "\\## Claude · 09:14\n\n# Mine");
        assert_eq!(prose("You · 09:14\n---"), "You · 09:14\n\\---");
        assert_eq!(prose("## You\n\n# **Claude** #\n\nClaude\n==="), "\\## You\n\n\\# **Claude** #\n\nClaude\n\\===");
        assert_eq!(prose("# Claude\t##"), "\\# Claude\t##");
        assert_eq!(prose("> ## Y&#111;u"), "> \\## Y&#111;u");
        assert_eq!(prose("## Yourself\n\n# You and me"), "## Yourself\n\n# You and me");
    }

    #[test]
    fn a_fence_is_longer_than_any_run_of_backticks_in_it() {
        assert_eq!(fenced("md", "````\nx\n````"), "`````md\n````\nx\n````\n`````");
        assert_eq!(fenced("", ""), "```\n```");
    }
}
