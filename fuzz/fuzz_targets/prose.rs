//! What somebody wrote, as markdown: it reaches nowhere beyond its place.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let prose = lifeboat::fuzzing::prose(text);
    let page = format!("<details><summary>x</summary>\n\n{prose}\n\n</details>\n\n## You\n\nend\n");
    lifeboat_fuzz::well_formed(&page, 1, false);
    lifeboat_fuzz::well_formed(&page, 1, true);
});
