//! Planted secrets, every one made up here at run time: found in any wrapping, at any chunk's border; look-alikes stay.

use super::{Chunks, Finder, Piece};
use proptest::prelude::*;

const EMAIL: &str = "robin@example.com";

/// Letters that look random and are the same every time.
fn noise(length: usize, alphabet: &str) -> String {
    let all: Vec<char> = alphabet.chars().collect();
    let mut state = 0x2545_F491_4F6C_DD1D_u64 ^ (length as u64) << 8;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        all[(state >> 33) as usize % all.len()]
    };
    (0..length).map(next).collect()
}

fn mixed(length: usize) -> String {
    noise(length, "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
}

fn capitals(length: usize) -> String {
    noise(length, "ABCDEFGHJKLMNPQRSTUVWXYZ234567")
}

fn hex(length: usize) -> String {
    noise(length, "0123456789abcdef")
}

/// A secret, the text it comes in, and its rule.
struct Planted {
    rule: &'static str,
    secret: String,
    text: String,
}

fn alone(rule: &'static str, parts: &[&str]) -> Planted {
    let secret = parts.concat();
    Planted { rule, text: secret.clone(), secret }
}

fn within(rule: &'static str, before: &str, secret: String, after: &str) -> Planted {
    Planted { rule, text: format!("{before}{secret}{after}"), secret }
}

/// One of each family.
fn planted() -> Vec<Planted> {
    let b64 = |n| noise(n, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/");
    let jwt = ["ey", "J", &mixed(20), ".ey", "J", &mixed(60), ".", &mixed(43)].concat();
    vec![
        alone("anthropic-api-key", &["sk-", "ant-", "api03-", &mixed(93), "AA"]),
        alone("anthropic-api-key", &["sk-", "ant-", "oat01-", &mixed(40)]),
        alone("openai-api-key", &["sk-", "proj-", &mixed(74), "T3Blbk", "FJ", &mixed(74)]),
        alone("api-key", &["sk-", &mixed(48)]),
        alone("github-token", &["gh", "p_", &mixed(36)]),
        alone("github-token", &["gh", "s_", &mixed(36)]),
        alone("github-token", &["github_", "pat_", &mixed(22), "_", &mixed(59)]),
        alone("gitlab-token", &["gl", "pat-", &mixed(20)]),
        alone("aws-access-key", &["AK", "IA", &capitals(16)]),
        alone("aws-access-key", &["AS", "IA", &capitals(16)]),
        within("aws-secret-key", "AWS_SECRET_ACCESS_KEY=", b64(40), ""),
        within("aws-secret-key", "\"SecretAccessKey\": \"", b64(40), "\""),
        alone("google-api-key", &["AI", "za", &mixed(35)]),
        alone("google-oauth-token", &["ya", "29.", &mixed(60)]),
        alone("google-oauth-token", &["GOC", "SPX-", &mixed(28)]),
        alone("slack-token", &["xo", "xb-", &noise(12, "0123456789"), "-", &noise(12, "0123456789"), "-", &mixed(24)]),
        alone("slack-token", &["xa", "pp-1-", &capitals(10), "-", &noise(12, "0123456789"), "-", &hex(40)]),
        alone("stripe-key", &["sk", "_live_", &mixed(24)]),
        alone("stripe-key", &["wh", "sec_", &mixed(32)]),
        alone("npm-token", &["np", "m_", &mixed(36)]),
        within("npm-token", "//registry.example.org/:_authToken=", hex(36), ""),
        alone("pypi-token", &["py", "pi-Ag", "EIcHlwaS5vcmc", &mixed(80)]),
        alone("huggingface-token", &["h", "f_", &noise(34, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")]),
        alone("sendgrid-key", &["S", "G.", &mixed(22), ".", &mixed(43)]),
        alone("telegram-bot-token", &[&noise(10, "123456789"), ":A", "A", &mixed(33)]),
        within("discord-webhook", "https://discord.com/api/webhooks/1234567890123/", mixed(68), ""),
        within("azure-key", "AccountName=shop;AccountKey=", b64(86) + "==", ";EndpointSuffix=core.windows.net"),
        within("azure-sas", "https://shop.blob.core.windows.net/c/f?sv=2024-01-01&sp=r&sig=", b64(43) + "%3D", ""),
        alone("jwt", &[&jwt]),
        within("authorization-header", "Authorization: Basic ", b64(24), ""),
        within("authorization-header", "curl -H 'Authorization: token ", hex(40), "'"),
        within("bearer-token", "bearer ", mixed(40), ""),
        within("api-key-header", "X-Api-Key: ", mixed(32), ""),
        within("cookie", "Cookie: ", format!("sid={}; theme=dark", mixed(40)), ""),
        within("url-password", "postgres://app:", "p4ss-w0rd".into(), "@db.internal:5432/shop"),
        within("url-password", "mongodb+srv://u:", "p9x".into(), "@cluster0.example.net/x"),
        within("url-password", "https://", mixed(40), "@git.example.org/x.git"),
        within("connection-password", "Server=db;Database=shop;User Id=app;Password=", "s3cr3t!x".into(), ";Encrypt=true"),
        within("curl-password", "curl -s -u robin:", "hunter2x".into(), " https://example.org"),
        within("mysql-password", "mysqldump -h db -u root -p", "hunter2x".into(), " shop"),
        within("ssh-password", "sshpass -p ", "hunter2x".into(), " ssh root@host"),
        within("netrc-password", "machine example.org login robin password ", "hunter2x".into(), ""),
        within("docker-auth", "\"auth\": \"", b64(32), "\""),
        within("assigned-secret", "api_key = \"", mixed(32), "\""),
        within("assigned-secret", "clientSecret: '", mixed(40), "'"),
        within("assigned-secret", "os.Setenv(\"API_TOKEN\", \"", hex(32), "\")"),
        within("assigned-secret", "let token: &str = \"", hex(32), "\";"),
        within("assigned-password", "DB_PASSWORD=", "hunter2".into(), ""),
        within("assigned-password", "export SMTP_PASS='", "swordfish".into(), "'"),
        within("assigned-password", "SESSION_SECRET=", "keyboard-cat".into(), ""),
        within("assigned-password", "password: ", "Tr0ub4dor&3".into(), ""),
        within("assigned-password", "psql --password ", "hunter2x".into(), " shop"),
        within("assigned-password", "<password>", "hunter2".into(), "</password>"),
        within("cloudflare-api-key", "cloudflare_api_token = \"", mixed(40), "\""),
        within("datadog-api-key", "DATADOG_API_KEY: ", hex(32), ""),
        within("twilio-api-key", "twilio ", ["S", "K", &hex(32)].concat(), ""),
        alone("digitalocean-pat", &["dop", "_v1_", &hex(64)]),
        alone("postman-api-token", &["PM", "AK-", &hex(24), "-", &hex(34)]),
        within("account-email", "mail ", EMAIL.into(), " about it"),
    ]
}

/// A private key's block, and the lines in it that are the key.
fn block(kind: &str, lines: usize) -> (String, Vec<String>) {
    let code: Vec<String> = (0..lines).map(|n| mixed(64 + n % 2).split_at(64).0.to_owned()).collect();
    let dashes = "-".repeat(5);
    (format!("{dashes}BEGIN {kind}{dashes}\n{}\nq4Zt8w==\n{dashes}END {kind}{dashes}", code.join("\n")), code)
}

fn finder() -> Finder {
    Finder::with_emails([EMAIL])
}

/// The text with `#` for each secret, and the rules that found them.
fn told(text: &str) -> (String, Vec<&'static str>) {
    let (mut out, mut rules, mut from) = (String::new(), Vec::new(), 0);
    for found in finder().find(text.as_bytes()) {
        out.push_str(&text[from..found.range.start]);
        out.push('#');
        rules.push(found.rule);
        from = found.range.end;
    }
    (out + &text[from..], rules)
}

#[test]
fn every_family_is_found_by_its_rule_and_nothing_around_it_goes() {
    for Planted { rule, secret, text } in planted() {
        let (out, rules) = told(&text);
        assert_eq!((out.as_str(), rules), (text.replace(&secret, "#").as_str(), vec![rule]), "{text}");
    }
}

#[test]
fn the_shortest_password_of_a_url_goes_and_every_key_near_one_word_does() {
    assert_eq!(told("postgres://u:p@host").0, "postgres://u:#@host");
    let key = |n| ["S", "K", &hex(32)[n..], &hex(32)[..n]].concat();
    assert_eq!(told(&format!("twilio: {}, {} and {}", key(0), key(3), key(7))).0, "twilio: #, # and #");
}

#[test]
fn a_private_key_goes_whole_however_it_is_written() {
    for kind in
        ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]
    {
        let (key, code) = block(kind, 12);
        let each =
            |of: &dyn Fn(usize, &str) -> String| key.lines().enumerate().map(|(n, line)| of(n + 1, line)).collect::<Vec<_>>().concat();
        let numbered = each(&|n, line| format!("{n:>6}→{line}\n"));
        let indented = each(&|_, line| format!("    {line}\r\n"));
        let changed = each(&|_, line| format!("+{line}\n"));
        let headers = key.replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123\n\n", 1);
        let once = serde_json::to_string(&serde_json::json!({"private_key": key, "type": "service_account"})).unwrap();
        let twice = serde_json::to_string(&once).unwrap();
        let one_line = key.replace('\n', " ");
        let torn = key[..key.len() - 60].to_owned();
        for text in [&key, &numbered, &indented, &changed, &headers, &once, &twice, &one_line, &torn] {
            let (out, rules) = told(&format!("before\n{text}\nAfter it, prose goes on.\n"));
            assert_eq!(rules, ["private-key"], "{text}");
            assert!(out.starts_with("before\n") && out.ends_with("\nAfter it, prose goes on.\n"), "{out}");
            assert!(!code.iter().any(|line| out.contains(&line[..20])), "{out}");
        }
    }
}

#[test]
fn a_torn_private_key_takes_no_fence_and_no_prose_with_it() {
    let (key, _) = block("PRIVATE KEY", 3);
    let torn = &key[..key.len() - 60];
    assert_eq!(told(&format!("```\n{torn}\n```\nDone\n\n{}", mixed(64))).0, format!("```\n#\n```\nDone\n\n{}", mixed(64)));
    let code = "if text.contains(\"-----BEGIN PRIVATE KEY-----\") {\n    return found(\"-----END PRIVATE KEY-----\");\n}\n";
    assert_eq!(told(code).0, code);
    let names = "START = b\"-----BEGIN OPENSSH PRIVATE KEY-----\"\n_SK_END = b\"-----END OPENSSH PRIVATE KEY-----\"\n";
    assert_eq!(told(names).0, names);
}

#[test]
fn what_only_looks_alike_stays() {
    let (sha, uuid) = (hex(40), "550e8400-e29b-41d4-a716-446655440000");
    let near = [
        format!("commit {sha}"),
        format!("session {uuid} and token: {uuid}"),
        format!("\"integrity\": \"sha512-{}==\"", mixed(86)),
        format!("checksum = \"{}\"", hex(64)),
        format!("![chart](data:image/png;base64,iVBORw0KGgo{})", mixed(4000)),
        format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{} robin@laptop", mixed(43)),
        "task-management-for-everybody risk-assessment-of-2026-projects sk-learn-pipelines-and-more".into(),
        "https://example.org:8080/a@b git@github.com:a/b.git ssh://git@github.com/a/b https://user@example.org/".into(),
        "postgres://${USER}:${PASSWORD}@db redis://:<password>@host https://{user}:{password}@{host}/".into(),
        "a bearer of good news everyone; Bearer authentication; Authorization: Bearer <token>; Authorization: Basic ${AUTH}".into(),
        "let token = tokens.next().unwrap(); let password = get_password(&user)?; self.token = other.token;".into(),
        "password: String, token: Option<String>, secret_key: &[u8; 32], api_key=None, password=password".into(),
        "\"password\": \"string\", \"token\": \"\", password = \"********\", API_KEY=your_api_key_here, SECRET=$OTHER".into(),
        "max_tokens: 4096, next_token: \"eA1b2C3d4E5f6G7h8I9\", primary_key=user_id, TOKEN_FILE=/run/secrets/token".into(),
        "docker run -u 1000:1000 x; chown -u root:root; curl -u $USER:$PASS https://x.org".into(),
        "kim@example.com, notrobin@example.com.au, robin@example.community".into(),
        "sk-ant-… ghp_… AKIA… xoxb-token npm_config_registry hf_hub_download AIzaSy".into(),
        "pub const ERROR_WRONG_PASSWORD: u32 = 1323u32; colon2_token: node.colon2_token, KEY_TOKEN: D3D10_SB_TYPE_X".into(),
        "['input[type=\"password\"]','input[type=\"tel\"]'], [\"password\", \"sha256sum\"]".into(),
        "cookie: name=value; Set-Cookie: theme=dark; document.cookie = 'a=b'".into(),
        "/home/robin/.ssh/id_rsa, SSH_KEY=~/.ssh/id_ed25519, private_key: \"/etc/ssl/private/key1.pem\"".into(),
    ];
    for text in near {
        assert_eq!(told(&text), (text.clone(), vec![]), "{text}");
    }
}

/// The ways a text stands in a conversation, each with the text before and after it.
fn wrapped(text: &str, way: usize) -> String {
    let json = |t: &str| serde_json::to_string(t).unwrap();
    match way {
        0 => format!("Use {text}\nplease."),
        1 => json(&format!("a\n{text}\nb")),
        2 => json(&json(&format!("a\n{text}\tb"))),
        3 => format!("```sh\n{text}\n```"),
        4 => format!("| it is | `{text}` |"),
        5 => format!("     7→{text}"),
        6 => format!("- {text}\n+ x"),
        7 => format!("> ({text})"),
        8 => format!("日本 {text} 語"),
        _ => format!("\r\n{text}\r\n"),
    }
}

/// What goes on of a text that comes in chunks of these sizes.
fn streamed(text: &str, sizes: &[usize]) -> String {
    let mut chunks = Chunks::new(finder());
    let mut out = Vec::new();
    let mut give = |piece: Piece<'_>| match piece {
        Piece::Text(text) => out.extend_from_slice(text),
        Piece::Secret(..) => out.push(b'#'),
    };
    let (mut from, mut sizes) = (0, sizes.iter().cycle());
    while from < text.len() {
        let to = text.len().min(from + sizes.next().map_or(1, |n| *n));
        chunks.push(&text.as_bytes()[from..to], &mut give);
        from = to;
    }
    chunks.finish(&mut give);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_secret_longer_than_one_looks_at_first_goes_whole() {
    for length in [500, 640, 3000, 20_000, 70_000] {
        assert_eq!(told(&format!("Cookie: sid={}\nnext", mixed(length))).0, "Cookie: #\nnext", "{length}");
        assert_eq!(told(&format!("x {} y", ["sk-", "ant-", &mixed(length)].concat())).0, "x # y", "{length}");
    }
}

#[test]
fn no_wrapping_hides_a_secret() {
    let ways = planted().into_iter().flat_map(|p| (0..10).map(move |way| (wrapped(&p.text, way), p.secret.clone())));
    let hidden: Vec<String> = ways.filter(|(text, secret)| told(text).0.contains(secret)).map(|(text, _)| text).collect();
    assert_eq!(hidden, Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_secret_across_the_border_of_chunks_is_found(which in 0..planted().len(), way in 0..10_usize, shift in 0..200_usize, sizes in prop::collection::vec(1..70_000_usize, 1..4)) {
        let planted = &planted()[which];
        let prose = "It rained all night, and nobody came to the door.\n";
        let mut before = prose.repeat(super::chunks::HOLD * 2 / prose.len() + 1);
        before.truncate(super::chunks::HOLD + super::chunks::HOLD / 7 * (shift % 8) - shift);
        let text = format!("{before}\n{}\n{}", wrapped(&planted.text, way), prose.repeat(1400));
        let out = streamed(&text, &sizes);
        prop_assert!(!out.contains(&planted.secret), "{}: {}", planted.rule, planted.text);
        prop_assert_eq!(out, told(&text).0);
    }

    #[test]
    fn whatever_follows_on_whatever_keyword_nothing_breaks_and_a_longer_secret_goes_whole(parts in prop::collection::vec((any::<prop::sample::Index>(), 0..6_usize, 0..3000_usize), 1..6)) {
        let rules = super::table::rules();
        let words: Vec<&str> = rules.iter().flat_map(|r| r.keywords.split(' ')).chain(super::assigned::KEYWORDS.iter().copied()).collect();
        let mut text = String::new();
        for (word, sign, length) in parts {
            let word = words[word.index(words.len())].trim_start_matches('=').replace('␠', " ");
            text += &[&word, ["", "=", ": \"", " ", "-----", "://x:"][sign], &mixed(length)].concat();
        }
        for found in finder().find(text.as_bytes()) {
            prop_assert!(!text.as_bytes().get(found.range.end).is_some_and(u8::is_ascii_alphanumeric), "{}: {text}", found.rule);
        }
    }

    #[test]
    fn whatever_the_bytes_nothing_breaks_and_what_is_found_lies_apart(bytes in prop::collection::vec(any::<u8>(), 0..400), which in 0..planted().len()) {
        let mut text = bytes.clone();
        text.extend_from_slice(planted()[which].text.as_bytes());
        text.extend_from_slice(&bytes);
        let found = finder().find(&text);
        prop_assert!(found.iter().all(|f| f.range.start < f.range.end && f.range.end <= text.len()));
        prop_assert!(found.windows(2).all(|w| w[0].range.end <= w[1].range.start));
    }
}

#[test]
fn a_private_key_longer_than_what_is_held_back_is_left_out_whole() {
    let (key, code) = block("RSA PRIVATE KEY", super::chunks::HOLD * 3 / 65);
    let text = format!("{}\n{key}\nend", "word ".repeat(20_000));
    let out = streamed(&text, &[4096]);
    assert!(out.ends_with("word \n#\nend"), "{}", &out[out.len() - 200..]);
    assert!(!out.contains(&code[0]));
}
