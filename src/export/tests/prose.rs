//! What people write, as it stands in a page.

use super::super::prose::{fenced, prose};
use super::super::skim::{Told, skim};
use super::super::viewed::viewed;
use super::*;

/// Markdown put together from what decides how it is read.
fn markdown() -> impl Strategy<Value = String> {
    let blocks = "|a|\n|-|\n,\n\n| a | b |\n|:-:|---|\n,| `a` | <,\n,\n,\n,\n\n,\n\n,\r\n, ,  ,   ,    ,\t,- ,* ,+ ,-,1. ,2) ,14. ,1.,> ,```,```,````,~~~,~~~~,```rust,---,***,_ _ _,===,# ,## ,[ ],[x],|,|-|,- |";
    let inline = "a,word,`,``,`a`,`Vec<T>`,<b>,</b>,<div>,<!-- ,-->,<https://x.y>,< ,<=,<pre>,</pre>,\\,\\`,[a](b,[a](b),](,][,(,<https://x`>,http://x.y,www.y.z/,![i](,\\<b>,<a_b>,[^a[b]:,[a]: /x,]:,),You,Y,ou,Claude ·,Asked,**You**,Yours,A list,&#89;ou,·,é,字,\",'";
    let all = |parts: &'static str| proptest::sample::select(parts.split(',').collect::<Vec<_>>());
    let mixed = proptest::collection::vec(prop_oneof![3 => all(blocks), 2 => all(inline)], 0..24);
    let fences = proptest::collection::vec(prop_oneof![4 => all(blocks), 1 => all("a,`Vec<T>`,x")], 0..24);
    prop_oneof![mixed, fences].prop_map(|parts| parts.concat())
}

/// Texts in which viewers see different things.
const ODD: &[&str] = &[
    "+ [x]     \n\n  ```````",
    "| a |\n- |\n  ```\n#",
    "You\nare\n---",
    "a\nYou\n===",
    "<=6vv\n\t<gq<</pr>-\n   \n\t\n-\n   \n\t\n\t<!vv",
    "-\n \n\t\n\t<!a b",
    "- a\n\n\t<b>",
    "1.\t<b>\n\t`c`",
    "`<<<pre>a\\\n|-|\n  `\n",
    "J`<+e\nutp\nsA\na?<`/<`/<re>\n|-|\n<T?s\\`",
    "<,[^xAA]:\n=!!\"w\t\n```\t\n```\t\nw\t\n```\t`\n````>\n > \n!!\n\"w\t\n```\t\n```` z>(>\n A>< \n",
    "&lt;b&g * http://x/`<b>` `` ` `#\"```x`\"R~~~~~~\nphttps://lt\":``b&\"i&lt;",
    "[link](\\\"http://x.y\"user\"![i](h<command-name>ttp://x/y.png)",
    "http://x/`a z` [l](c`<b>)",
    "http://x[a q](b[c) z](e`) h `i `<f>`",
    "http://x\\<n`@z> ` `<b>`",
    "http://x\\<b> \\<i>",
    "[^a`[^b]:<i> \nz`<u>",
    "> [^a[b]: x\n>\n>     <i>",
    "> `\n</pre>\nx`",
    "> a `b\n> c <i>` d",
    "a `b <x\nc`<i>\n|-|\n|<u>|",
    "a ```` b `c` d `</details>` e",
    "<b>\n```\t\n```\t\nw\n~~~ \t\n```\n \tx",
    "![x](<script>\"t\")",
    "[x](<b>'t') [y](<a b> \"t\")",
    "</systr\t\t\n\t>",
    "<div>\n```\n</div>",
    "<![cdata[ x\n\n\\<![cdata[",
    "|a|\n|-|\n|b|<pre>",
    "www.x.y/` `a` <b> `",
];

/// What two viewers say is wrong with a text as it stands in a page.
fn wrong(text: &str) -> Vec<String> {
    let page = format!("<details><summary>x</summary>\n\n{}\n\n</details>\n\n## You\n\nend\n", prose(&clean::clean(text)));
    let seen = [false, true].map(|github| viewers::seen(&page, github));
    seen.into_iter().flat_map(|seen| seen.wrong.into_iter().chain((seen.turns != 1).then(|| format!("{} turns", seen.turns)))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_somebody_writes_reaches_nowhere_beyond_its_place(text in markdown()) {
        prop_assert_eq!(wrong(&text), Vec::<String>::new(), "{}", prose(&clean::clean(&text)));
    }

    #[test]
    fn what_is_told_at_a_glance_the_parser_tells_as_well(text in markdown()) {
        if let Told::Harmless(open) = skim(&text) {
            prop_assert_eq!(viewed(&text, false), (text, open));
        }
    }
}

#[test]
fn what_viewers_tell_in_several_ways_is_harmless_to_each() {
    for text in ODD {
        assert_eq!(wrong(text), Vec::<String>::new(), "{}", prose(text));
    }
    let (most, more) = ("`".repeat(80), "`".repeat(81));
    for text in [format!("a {more}<b>{more}"), format!("a {most}<b>{most}"), format!("{more}\n<b>\n{more}")] {
        assert_eq!(wrong(&text), Vec::<String>::new());
    }
}

/// Tells how the texts of the conversations below `LIFEBOAT_TALK` come out.
#[test]
#[ignore = "a measurement: LIFEBOAT_TALK=folder cargo test --lib texts_of_real -- --ignored --nocapture"]
fn texts_of_real_conversations_stay_as_they_were_meant() {
    fn texts(value: &serde_json::Value, all: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(map) => {
                for (key, value) in map {
                    match value {
                        serde_json::Value::String(text) if key == "text" || key == "content" => all.push(text.clone()),
                        value => texts(value, all),
                    }
                }
            }
            serde_json::Value::Array(list) => list.iter().for_each(|value| texts(value, all)),
            _ => {}
        }
    }
    let Some(top) = std::env::var_os("LIFEBOAT_TALK") else { return };
    let (mut all, mut counts) = (Vec::new(), std::collections::BTreeMap::<&str, usize>::new());
    for entry in walkdir::WalkDir::new(top).into_iter().flatten().filter(|e| e.path().extension().is_some_and(|x| x == "jsonl")) {
        let lines = std::fs::read_to_string(entry.path()).unwrap_or_default();
        lines.lines().filter_map(|line| serde_json::from_str(line).ok()).for_each(|value| texts(&value, &mut all));
    }
    all.sort();
    all.dedup();
    for text in &all {
        let text = clean::clean(text);
        let text = text.trim_end().trim_start_matches('\n');
        let out = prose(text);
        let fences = |text: &str| text.lines().filter(|line| line.starts_with("```") || line.starts_with("~~~")).count();
        let kind = match () {
            () if out == text => "as it is",
            () if fences(&out) > fences(text) + 1 => "in parts or letter by letter",
            () => "changed",
        };
        *counts.entry(kind).or_default() += 1;
        if kind.starts_with("in") {
            println!("-----\n{}", text.chars().take(400).collect::<String>());
        }
    }
    println!("{} texts: {counts:?}", all.len());
}

#[test]
fn what_no_two_viewers_see_alike_is_shown_letter_by_letter_and_the_rest_as_it_was_meant() {
    assert_eq!(
        prose("## Words\n\nand `Vec<T>`\n```rust\nlet x: Vec<T>;\n```\n- a `b <x\n\n  c`<i>`\n\n~~~\n<p>"),
        "## Words\n\nand `Vec<T>`\n\n```rust\nlet x: Vec<T>;\n```\n\n```\n- a `b <x\n\n  c`<i>`\n```\n\n~~~\n<p>\n~~~"
    );
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
fn raw_html_is_shown_and_not_acted_on_while_code_stays_as_it_is() {
    assert_eq!(prose("a <b>bold</b> word, `<i>` and\n\n```html\n<p>\n```"), "a &lt;b>bold&lt;/b> word, `<i>` and\n\n```html\n<p>\n```");
    assert_eq!(prose("<script>alert(1)</script>"), "&lt;script>alert(1)&lt;/script>");
    assert_eq!(prose("[^1]: f</details>oo"), "[^1]\\: f&lt;/details>oo");
    assert_eq!(prose("|a|\n|-|\n|b|<pre>"), "|a|\n|-|\n|b|&lt;pre>");
    assert_eq!(prose("<![cdata[ x\n\n\\<![cdata["), "&lt;![cdata[ x\n\n&lt;![cdata[");
    assert_eq!(prose("</details>\n\n1 < 2 and <https://example.org>"), "&lt;/details>\n\n1 < 2 and <https://example.org>");
}

#[test]
fn what_is_no_tag_to_one_viewer_is_one_to_none() {
    assert_eq!(prose("</systr\t\t\n\t>"), "&lt;/systr\t\t\n\t>");
    assert_eq!(prose("a HashMap<String, Vec<u8>> or 1 <b, \\<i> and `<b`"), "a HashMap<String, Vec&lt;u8>> or 1 <b, &lt;i> and `<b`");
}

#[test]
fn what_cannot_be_the_name_of_a_tag_stays_as_it_is() {
    let same = "<pasted_content id=\"a\">, Map<String, u8>, <a.b>, <x@y>, </1> and <https:x y> `a`";
    assert_eq!(prose(same), same);
    assert_eq!(prose("<x-1 y>, </x>, <a/>, <a\nb>, <a"), "&lt;x-1 y>, &lt;/x>, &lt;a/>, &lt;a\nb>, &lt;a");
    assert_eq!(prose("Map<a_b> is <x@y>: `<a>`"), "Map&lt;a_b> is &lt;x@y>: `<a>`");
}

#[test]
fn a_table_that_every_viewer_sees_stays_one() {
    let table = "a `<b>`\n\n|c|\n|-|\n|d|\n\n```\na <b>\nc\n|-|\n```";
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
fn what_a_text_defines_is_shown_and_holds_for_no_other_text() {
    assert_eq!(prose("see [1]\n\n[1]: https://example.org\n[1]: /two"), "see [1]\n\n[1]\\: https://example.org\n[1]\\: /two");
    assert_eq!(prose("- a\n\n  [x y]:\n  /url 'title'"), "- a\n\n  [x y]\\:\n  /url 'title'");
    assert_eq!(prose("> [^1]: a note\n\nb[^1]"), "> [^1]\\: a note\n\nb[^1]");
    assert_eq!(prose("```py\nif a[1]:\n[1]: /x\n```\nand `[1]: /x`"), "```py\nif a[1]:\n[1]: /x\n```\n\nand `[1]: /x`");
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
