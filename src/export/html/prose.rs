//! What somebody wrote, as HTML: raw HTML in it is text, and a link leads nowhere but to a page or an address.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Text as it stands in HTML, in an attribute too.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The first words of a text, in one line.
pub fn line(text: &str, most: usize) -> String {
    let mut words = String::new();
    for word in text.split_whitespace() {
        words.push_str(if words.is_empty() { "" } else { " " });
        words.push_str(word);
        if words.len() > 4 * most {
            break;
        }
    }
    let cut: String = words.chars().take(most).collect();
    let more = if cut.len() < words.len() { "…" } else { "" };
    format!("{}{more}", escaped(&cut))
}

/// Clean markdown as HTML.
pub fn prose(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut links: Vec<Link> = Vec::new();
    let events = Parser::new_ext(text, options).flat_map(|event| tamed(event, &mut links));
    let mut out = String::new();
    html::push_html(&mut out, events);
    for side in ["left", "center", "right"] {
        for cell in ["td", "th"] {
            // The page's policy lets no style stand in an element.
            let styled = format!("<{cell} style=\"text-align: {side}\">");
            if out.contains(&styled) {
                out = out.replace(&styled, &format!("<{cell} class=\"{side}\">"));
            }
        }
    }
    out
}

/// A link that is open.
enum Link {
    /// It leads somewhere.
    Alive,
    /// It leads where no link of ours may; what it says stands behind its words.
    Dead(String),
}

/// What stands for an event: at most three others.
fn tamed<'a>(event: Event<'a>, links: &mut Vec<Link>) -> Vec<Event<'a>> {
    let raw = |html: String| Event::InlineHtml(CowStr::from(html));
    match event {
        // Somebody's HTML is what somebody wrote.
        Event::Html(text) | Event::InlineHtml(text) => vec![Event::Text(text)],
        Event::Start(Tag::HtmlBlock) => vec![Event::Start(Tag::Paragraph)],
        Event::End(TagEnd::HtmlBlock) => vec![Event::End(TagEnd::Paragraph)],
        Event::Start(Tag::Heading { level, .. }) => {
            vec![Event::Start(Tag::Heading { level: lower(level), id: None, classes: Vec::new(), attrs: Vec::new() })]
        }
        Event::End(TagEnd::Heading(level)) => vec![Event::End(TagEnd::Heading(lower(level)))],
        // A picture elsewhere would be fetched from there: it is named, and whoever wants it follows the link.
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            if is_safe(&dest_url) {
                links.push(Link::Alive);
                vec![raw(format!("<a href=\"{}\" rel=\"noreferrer\">", escaped(&dest_url)))]
            } else {
                links.push(Link::Dead(dest_url.into_string()));
                Vec::new()
            }
        }
        Event::End(TagEnd::Link | TagEnd::Image) => match links.pop() {
            Some(Link::Alive) => vec![raw("</a>".to_owned())],
            Some(Link::Dead(to)) => {
                vec![Event::Text(CowStr::from(" (")), Event::Code(CowStr::from(to)), Event::Text(CowStr::from(")"))]
            }
            None => Vec::new(),
        },
        other => vec![other],
    }
}

/// Whether a link may lead there: to a page or an address, or to something beside this page.
pub fn is_safe(url: &str) -> bool {
    // As a browser reads it: signs that cannot be seen do not count.
    let seen: String = url.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    if seen.starts_with("//") || seen.starts_with('\\') || seen.starts_with("/\\") {
        return false;
    }
    let scheme = seen.split(['/', '?', '#']).next().unwrap_or_default().split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_none_or(|s| matches!(s.as_str(), "http" | "https" | "mailto"))
}

/// Below the headings of the page.
fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markdown_is_set_and_html_in_it_is_text() {
        assert_eq!(
            prose("**a** `<b>`\n\n- [x] c"),
            "<p><strong>a</strong> <code>&lt;b&gt;</code></p>\n<ul>\n<li><input disabled=\"\" type=\"checkbox\" checked=\"\"/>\nc</li>\n</ul>\n"
        );
        for bad in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<div onclick=x>\n\n**a**\n\n</div>",
            "<!-- <b> -->",
            "<svg/onload=x>",
        ] {
            let html = prose(bad);
            assert!(
                !html.contains("<script")
                    && !html.contains("<img")
                    && !html.contains("<div")
                    && !html.contains("<svg")
                    && !html.contains("<!--"),
                "{html}"
            );
        }
    }

    #[test]
    fn a_link_leads_to_a_page_an_address_or_a_file_beside_and_nowhere_else() {
        for good in ["https://example.com/a?b=c#d", "HTTP://x", "mailto:robin@example.com", "report.md", "#t-u1", "./a/b:c", "../x"] {
            assert!(is_safe(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            " JaVaScRiPt:x",
            "java\nscript:x",
            "\u{1}javascript:x",
            "data:text/html,<script>",
            "vbscript:x",
            "file:///etc/passwd",
            "//evil.example",
            "blob:x",
        ] {
            assert!(!is_safe(bad), "{bad}");
        }
        let html = prose("[click](javascript:alert(1)) <javascript:alert(2)> ![i](javascript:x \"t\") [r]\n\n[r]: javascript:y");
        assert!(!html.contains("href"), "{html}");
        assert!(html.contains("click (<code>javascript:alert(1)</code>)"), "{html}");
        assert_eq!(
            prose("![a \"q\"](https://x.example/p.png)"),
            "<p><a href=\"https://x.example/p.png\" rel=\"noreferrer\">a \"q\"</a></p>\n"
        );
        assert_eq!(
            prose("[a](<https://x.example/\"onmouseover=alert(1)>)"),
            "<p><a href=\"https://x.example/&quot;onmouseover=alert(1)\" rel=\"noreferrer\">a</a></p>\n"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn whatever_is_written_no_element_comes_of_it_but_those_of_markdown(text in "(<[a-z!/]|[<>\"'=&;:()\\[\\]!`*_#|~ \n-]|on|javascript|script|a|x|é|&#|lt){0,60}") {
            const KNOWN: [&str; 25] = ["p", "a", "em", "strong", "del", "code", "pre", "ul", "ol", "li", "input", "blockquote", "hr", "br", "table",
                "thead", "tbody", "tr", "th", "td", "h3", "h4", "h5", "h6", "s"];
            let html = prose(&text);
            for part in html.split('<').skip(1) {
                let name: String = part.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                prop_assert!(KNOWN.contains(&name.as_str()), "{name}: {html}");
                let tag = part.split('>').next().unwrap_or_default();
                prop_assert!(!tag.split('"').step_by(2).any(|outside| outside.contains(" on")), "{html}");
                if let Some(to) = tag.split("href=\"").nth(1) {
                    prop_assert!(!to.to_lowercase().starts_with("javascript"), "{html}");
                }
            }
            prop_assert_eq!(html.matches("<a ").count(), html.matches("</a>").count(), "{}", html);
        }
    }
}
