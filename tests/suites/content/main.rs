//! How well keys and tokens are told by their look: tokens of every format that is documented, made at random, and
//! their nearest neighbours, in prose, in the body of an event. Nothing here shares code with the core, checksums included.
//!
//! What is found of each format stands in `docs/detectors.md`: written by `BLESS=1`, otherwise only compared.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking, in its helpers too"
)]

mod sums;

use auditveil_core::{FORMATS, Filter};
use std::collections::BTreeSet;

/// How many tokens of each format are made.
const TOKENS: usize = 200;

/// Each format: how its tokens are made, and how one that is too short. `{a30}` are thirty characters of a kind, see
/// [`Random::of`]; the rest stands for itself.
const MADE: &[(&str, &str, &str)] = &[
    ("aws_session_token", "IQoJb3JpZ2lu{b160}", "IQoJb3JpZ2lu{b60}"),
    ("aws_bedrock_key", "ABSKQmVkcm9ja0FQSUtleS{b110}", "ABSKQmVkcm9ja0FQSUtleS{b40}"),
    ("aws_bedrock_token", "bedrock-api-key-{b200}", "bedrock-api-key-{a60}"),
    ("github_pat", "github_pat_{a22}_{a59}", "github_pat_{a22}_{a58}"),
    ("github_app_token", "ghs_{d6}.eyJ{u60}.{u60}", "ghs_{d6}.eyJ{u60}"),
    ("gitlab_token", "glpat-{u19}{a1}", "glpat-{u18}"),
    ("slack_token", "xoxb-{d12}-{d12}-{a24}", "xoxb-{d6}-{a8}"),
    (
        "slack_webhook",
        "https://hooks.slack.com/services/T{A9}/B{A9}/{a24}",
        "https://hooks.slack.com/services/T{A6}",
    ),
    (
        "discord_webhook",
        "https://discord.com/api/webhooks/{d19}/{u67}{a1}",
        "https://discord.com/api/webhooks/{d19}",
    ),
    (
        "teams_webhook",
        "https://example.webhook.office.com/webhookb2/{h8}@{h8}/IncomingWebhook/{h32}/{h8}-{h4}-{h4}-{h4}-{h12}",
        "https://example.webhook.office.com/webhookb2/{h8}@{h8}/IncomingWebhook/{h32}",
    ),
    ("telegram_token", "{d10}:AA{u32}{a1}", "{d10}:AA{a32}"),
    (
        "rancher_import_token",
        "https://rancher.example.com/v3/import/{s54}_c-m-{s8}.yaml",
        "https://rancher.example.com/v3/import/{s30}.yaml",
    ),
    ("stripe_key", "sk_live_{a24}", "sk_live_{a9}"),
    ("stripe_webhook_secret", "whsec_{a32}", "whsec_{a31}"),
    ("vault_token", "hvs.{u95}{a1}", "hvs.{a23}"),
    ("terraform_token", "{a14}.atlasv1.{a64}", "{a14}.atlasv1.{a40}"),
    ("google_api_key", "AIza{u34}{a1}", "AIza{a34}"),
    ("google_auth_key", "AQ.Ab8RN6{u44}a1B", "AQ.Ab8RN6{a20}"),
    ("google_oauth_token", "ya29.{u80}{a1}", "ya29.{a19}"),
    ("google_refresh_token", "1//0{u60}{a1}", "1//0{a30}"),
    ("google_client_secret", "GOCSPX-{u27}{a1}", "GOCSPX-{a27}"),
    ("azure_client_secret", "{a3}8Q~{a34}", "{a3}8Q~{a30}"),
    ("azure_devops_pat", "{a76}AZDO{a4}", "{a75}AZDO{a4}"),
    ("azure_storage_key", "{a76}+ASt{a5}A==", "{a75}+ASt{a5}A=="),
    ("azure_account_key", "{a76}ACDb{a5}A==", "{a75}ACDb{a5}A=="),
    ("azure_messaging_key", "{a33}+ASbA{a5}=", "{a32}+ASbA{a5}="),
    ("azure_function_key", "{u43}{a1}AzFu{a5}A==", "{a43}AzFu{a5}A=="),
    ("azure_search_key", "{a42}AzSeA{a5}", "{a41}AzSeA{a5}"),
    ("azure_common_key", "{a52}JQQJ99{a1}A{a16}A{a7}", "{a51}JQQJ99{a1}A{a16}A{a7}"),
    ("azure_registry_key", "{a42}+ACR{a6}", "{a41}+ACR{a6}"),
    (
        "azure_connection_key",
        "DefaultEndpointsProtocol;AccountKey={b86}==",
        "DefaultEndpointsProtocol;AccountName={a40}",
    ),
    ("pypi_token", "pypi-AgEIcHlwaS5vcmc{u80}{a1}", "pypi-AgEIcHlwaS5vcmc{a40}"),
    ("rubygems_key", "rubygems_{h48}", "rubygems_{h47}"),
    ("openai_key", "sk-proj-{a40}T3BlbkFJ{a40}", "sk-proj-{a80}"),
    ("anthropic_key", "sk-ant-api03-{u93}AA", "sk-ant-api03-{a40}"),
    ("openrouter_key", "sk-or-v1-{h64}", "sk-or-v1-{h63}"),
    ("perplexity_key", "pplx-{a48}", "pplx-{a47}"),
    ("xai_key", "xai-{a40}_{a39}", "xai-{a79}"),
    ("replicate_token", "r8_{u36}{a1}", "r8_{a36}"),
    ("langsmith_key", "lsv2_pt_{h32}_{h10}", "lsv2_pt_{h32}_{h9}"),
    ("pinecone_key", "pcsk_{a5}_{a63}", "pcsk_{a5}_{a40}"),
    ("huggingface_token", "hf_{l34}", "hf_{l33}"),
    ("groq_key", "gsk_{a52}", "gsk_{a51}"),
    ("nvidia_key", "nvapi-{u63}{a1}", "nvapi-{a40}"),
    ("digitalocean_token", "dop_v1_{h64}", "dop_v1_{h63}"),
    ("docker_swarm_token", "SWMTKN-1-{s50}-{s25}", "SWMTKN-1-{s50}"),
    ("docker_hub_token", "dckr_pat_{u26}{a1}", "dckr_pat_{a19}"),
    ("databricks_token", "dapi{h32}", "dapi{h31}"),
    ("grafana_cloud_token", "glc_eyJ{a80}", "glc_{a20}"),
    ("grafana_api_key", "eyJrIjoi{a80}", "eyJrIjoi{a40}"),
    ("k3s_token", "K10{h64}::server:{h32}", "K10{h63}::server:{h32}"),
    ("rancher_token", "kubeconfig-user-{s5}:{s54}", "kubeconfig-user-{s5}:{s53}"),
    ("bootstrap_token", "kubeadm join --token {s6}.{s16}", "kubeadm join --token {s6}.{s15}"),
    ("openshift_token", "token sha256~{u42}{a1}", "token sha256~{a42}"),
    ("age_plugin_key", "AGE-PLUGIN-YUBIKEY-{A60}", "AGE-PLUGIN-{A20}"),
    ("sendgrid_key", "SG.{a22}.{a43}", "SG.{a21}.{a43}"),
    ("newrelic_key", "NRAK-{A27}", "NRAK-{A26}"),
    ("shopify_token", "shpat_{h32}", "shpat_{h31}"),
    ("sentry_token", "sntrys_eyJ{a100}", "sntrys_{a40}"),
    ("pulumi_token", "pul-{h40}", "pul-{h39}"),
    ("doppler_token", "dp.pt.{a43}", "dp.pt.{a30}"),
    ("onepassword_token", "ops_eyJ{a300}", "ops_eyJ{a100}"),
    ("artifactory_key", "AKCp8{a69}", "AKCp8{a60}"),
    ("artifactory_reference", "cmVmdGtu{a56}", "cmVmdGtu{a50}"),
    ("atlassian_token", "ATATT3xFfGF0{u179}{a1}", "ATATT3xFfGF0{a100}"),
    ("tailscale_key", "tskey-auth-{a12}CNTRL-{a32}", "tskey-auth-{a10}"),
    ("dynatrace_token", "dt0c01.{A24}.{A64}", "dt0c01.{A24}.{A63}"),
    ("postman_key", "PMAK-{h24}-{h34}", "PMAK-{h24}-{h33}"),
    ("planetscale_token", "pscale_tkn_{u42}{a1}", "pscale_tkn_{a20}"),
    ("notion_token", "ntn_{a46}", "ntn_{a45}"),
    ("brevo_key", "xkeysib-{h64}-{a15}Q", "xkeysib-{h64}-{a14}Q"),
    ("fly_token", "fm2_{a200}", "fm2_{a20}"),
    ("figma_token", "figd_{u42}{a1}", "figd_{a30}"),
    ("circleci_token", "CCIPAT_{a22}_{h40}", "CCIPAT_{a30}"),
    ("buildkite_token", "bkua_{h40}", "bkua_{h39}"),
    ("supabase_key", "sbp_{h40}", "sbp_{h20}"),
    ("readme_key", "rdme_{s70}", "rdme_{s69}"),
    ("cloudflare_token", "cfut_{a40}{h8}", "cfut_{a40}"),
    ("aiven_password", "AVNS_{u18}{a1}", "AVNS_{a18}"),
    ("cockroach_key", "CCDB1_{a22}_{a40}", "CCDB1_{a22}_{a39}"),
    ("clickhouse_key", "4b1d{a35}aB1", "4b1d{a34}aB1"),
    ("neon_key", "napi_{s64}", "napi_{s63}"),
    ("sonarqube_token", "squ_{h40}", "squ_{h39}"),
    ("sourcegraph_token", "sgp_{h16}_{h40}", "sgp_{h39}"),
    ("harness_key", "pat.{a22}.{a24}.{a20}", "pat.{a22}.{a24}.{a19}"),
    ("linear_key", "lin_api_{a40}", "lin_api_{a39}"),
    ("heroku_key", "HRKU-AA{u57}{a1}", "HRKU-AA{a57}"),
    ("bitbucket_password", "ATBB{a29}aB1", "ATBB{a28}aB1"),
    ("octopus_key", "API-{A26}", "API-{A25}"),
    ("prefect_key", "pnu_{a36}", "pnu_{a35}"),
    ("posthog_key", "phx_{a20}_{a22}", "phx_{a42}"),
    ("contentful_token", "CFPAT-{u42}{a1}", "CFPAT-{a42}"),
    ("honeycomb_key", "hcaik_{s58}", "hcaik_{s57}"),
    ("upcloud_token", "ucat_{A26}", "ucat_{A25}"),
    ("crates_io_token", "cio{a29}aB1", "cio{a28}aB1"),
    ("maxmind_key", "{a6}_{a29}_mmk", "{a6}_{a28}_mmk"),
    ("mapbox_token", "sk.eyJ1{a60}.{a22}", "sk.eyJ1{a60}"),
];

/// Formats of which a name or a word before them stays.
const IN_PART: [&str; 9] = [
    "slack_webhook",
    "discord_webhook",
    "teams_webhook",
    "rancher_import_token",
    "azure_connection_key",
    "rancher_token",
    "bootstrap_token",
    "openshift_token",
    "putty_key",
];

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    /// Numbers of a format's own.
    fn of_format(id: &str) -> Random {
        Random(
            id.bytes()
                .fold(0x5EED_0F70_6B33, |seed, byte| (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)),
        )
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33
    }

    /// So many characters of a kind.
    fn of(&mut self, kind: u8, count: usize) -> String {
        const DIGITS: &str = "0123456789";
        const SMALL: &str = "abcdefghijklmnopqrstuvwxyz";
        const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let characters: Vec<char> = match kind {
            b'd' => DIGITS.chars().collect(),
            b'h' => "0123456789abcdef".chars().collect(),
            b's' => DIGITS.chars().chain(SMALL.chars()).collect(),
            b'A' => DIGITS.chars().chain(CAPITALS.chars()).collect(),
            b'l' => SMALL.chars().chain(CAPITALS.chars()).collect(),
            b'u' => DIGITS.chars().chain(SMALL.chars()).chain(CAPITALS.chars()).chain("-_".chars()).collect(),
            b'b' => DIGITS.chars().chain(SMALL.chars()).chain(CAPITALS.chars()).chain("+/".chars()).collect(),
            b'a' => DIGITS.chars().chain(SMALL.chars()).chain(CAPITALS.chars()).collect(),
            kind => panic!("no kind {kind}"),
        };
        (0..count).map(|_| characters[self.next() as usize % characters.len()]).collect()
    }

    /// What a pattern stands for.
    fn make(&mut self, pattern: &str) -> String {
        let mut made = String::new();
        for (at, part) in pattern.split(['{', '}']).enumerate() {
            match at % 2 {
                0 => made.push_str(part),
                _ => made += &self.of(part.as_bytes()[0], part[1..].parse().unwrap()),
            }
        }
        made
    }
}

/// A pattern with the same character everywhere, as placeholders have it.
fn placeholder(pattern: &str) -> String {
    let mut made = String::new();
    for (at, part) in pattern.split(['{', '}']).enumerate() {
        match at % 2 {
            0 => made.push_str(part),
            _ => made += &"0".repeat(part[1..].parse().unwrap()),
        }
    }
    made
}

/// A token of a format that is not made by a pattern.
fn made(id: &str, random: &mut Random) -> Option<String> {
    Some(match id {
        "jwt" => sums::web_token(&random.of(b'a', 12)),
        "private_key" => {
            let kinds = ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "];
            let kind = kinds[random.next() as usize % kinds.len()];
            let (one, two) = (random.of(b'b', 64), random.of(b'b', 30));
            format!("-----BEGIN {kind}PRIVATE KEY-----\n{one}\n{two}==\n-----END {kind}PRIVATE KEY-----")
        }
        "github_token" => sums::base62_token("gho_", &random.of(b'a', 30)),
        "npm_token" => sums::base62_token("npm_", &random.of(b'a', 30)),
        "grafana_token" => sums::grafana_token(&random.of(b'a', 32)),
        "confluent_secret" => sums::base64_token("cflt", &random.of(b'b', 54)),
        "age_key" => sums::age_key(&mut || random.next() as u8 & 31),
        "cloudflare_tunnel_token" => {
            let (account, tunnel) = (random.of(b'h', 32), random.of(b'h', 12));
            sums::tunnel_token(&account, &tunnel, &random.of(b'b', 43))
        }
        "putty_key" => {
            let (one, two, mac) = (random.of(b'b', 64), random.of(b'b', 30), random.of(b'h', 64));
            format!("Private-Lines: 2\n{one}\n{two}==\nPrivate-MAC: {mac}")
        }
        _ => return None,
    })
}

/// What looks nearly like such a token.
fn nearly(id: &str, random: &mut Random) -> Vec<String> {
    let one = random.of(b'a', 30);
    match id {
        "jwt" => vec![
            format!("eyJhbGciOiJ.{one}.{one}"),
            format!("eyJub3RoaW5nIjoxfQ.{one}.{one}"),
            sums::web_token(&one).rsplit_once('.').unwrap().0.to_owned(),
        ],
        "private_key" => vec![
            format!("-----BEGIN CERTIFICATE-----\n{one}\n-----END CERTIFICATE-----"),
            format!("-----BEGIN PUBLIC KEY-----\n{one}\n-----END PUBLIC KEY-----"),
            "a file with -----BEGIN PRIVATE KEY----- in it".to_owned(),
        ],
        "github_token" | "npm_token" => {
            let prefix = if id == "npm_token" { "npm_" } else { "ghp_" };
            let token = sums::base62_token(prefix, &one);
            vec![
                format!("{token}x"),
                token[..token.len() - 1].to_owned(),
                format!("{prefix}{}", "x".repeat(36)),
            ]
        }
        "grafana_token" => vec![format!("glsa_{}_00000000", "x".repeat(32)), format!("glsa_{one}_0123abcd")],
        "confluent_secret" => {
            let token = sums::base64_token("cflt", &random.of(b'b', 54));
            vec![
                format!("{token}x"),
                token[..token.len() - 1].to_owned(),
                format!("cflt{}", "abcdefgh".repeat(8))[..64].to_owned(),
            ]
        }
        "cloudflare_tunnel_token" => {
            vec![sums::other_object(&one.repeat(4)), sums::tunnel_token(&one, &one, &one)[..60].to_owned()]
        }
        "putty_key" => vec![
            "the line Private-Lines: says how many follow".to_owned(),
            format!("PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 2\n{one}\n{one}"),
        ],
        "age_key" => vec![format!("AGE-SECRET-KEY-1{}", "Q".repeat(58)), "AGE-SECRET-KEY-1QQQQ".to_owned()],
        _ => Vec::new(),
    }
}

/// The text of `spec.text` after the filter, and whether the row `content` is told.
fn filtered(filter: &mut Filter, text: &str) -> (String, bool) {
    let text = serde_json::Value::from(text);
    let event = format!(
        r#"{{"auditID":"a","verb":"create","requestURI":"/apis/example.com/v1/notes","objectRef":{{"resource":"notes","apiGroup":"example.com"}},"requestObject":{{"kind":"Note","spec":{{"text":{text}}}}}}}"#
    );
    let mut answer = Vec::new();
    filter.process(event.as_bytes(), &mut answer);
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    let told = answer["auditveil"]["redacted"]["content"].is_number();
    (answer["requestObject"]["spec"]["text"].as_str().unwrap().to_owned(), told)
}

#[test]
fn every_format_is_found_and_its_neighbours_are_not() {
    let mut filter = Filter::new();
    let mut tried = BTreeSet::new();
    let mut table = TABLE.to_owned();
    for (id, _) in FORMATS {
        // A format more changes nothing for the others.
        let mut random = Random::of_format(id);
        let pattern = MADE.iter().find(|(known, ..)| known == id);
        let (mut found, mut tokens, mut taken, mut near) = (0_usize, 0_usize, 0_usize, 0_usize);
        for _ in 0..TOKENS {
            let token = match pattern {
                Some((_, pattern, _)) => random.make(pattern),
                None => made(id, &mut random).unwrap_or_else(|| panic!("no token of {id} is made")),
            };
            // A text of small letters, digits and `-` is looked at where it begins with a prefix, any other everywhere.
            let texts =
                [token.clone(), format!("Please Log in with {token}, or not"), format!("a='{token}'")];
            for text in texts {
                let (after, told) = filtered(&mut filter, &text);
                let rest = text.replace(&token, "[REDACTED]");
                let secret = &token[token.len() - 12..];
                let right = if IN_PART.contains(id) { !after.contains(secret) } else { after == rest };
                assert!(right && told, "{id}: {text} became {after}");
                tokens += 1;
                found += usize::from(told);
            }
            let mut neighbours = nearly(id, &mut random);
            if let Some((_, pattern, short)) = pattern {
                neighbours.push(random.make(short));
                neighbours.push(placeholder(pattern));
                let glued = token.starts_with(|first: char| first.is_ascii_alphanumeric());
                neighbours.extend((glued && !IN_PART.contains(id)).then(|| format!("x{token}")));
            }
            for text in neighbours.iter().filter(|text| !is_another(id, text)) {
                let text = format!("Not {text}, it is");
                let (after, told) = filtered(&mut filter, &text);
                assert!(after == text && !told, "{id}: {text} became {after}");
                near += 1;
                taken += usize::from(told);
            }
        }
        assert!(tokens >= TOKENS && near >= TOKENS, "{id}: {tokens} tokens, {near} neighbours");
        let (recall, precision) = (found as f64 / tokens as f64, found as f64 / (found + taken) as f64);
        table += &format!("| `{id}` | {tokens} | {recall:.3} | {near} | {precision:.3} |\n");
        tried.insert(*id);
    }
    assert_eq!(tried.len(), FORMATS.len());
    is_recorded(&table);
}

/// The head of the table in the documentation.
const TABLE: &str = "| format | tokens | found | neighbours | precision |\n|---|---|---|---|---|\n";

/// Holds the page to the table.
fn is_recorded(table: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/detectors.md");
    let page = std::fs::read_to_string(path).unwrap();
    let about = page.split(TABLE).next().unwrap_or_default();
    let expected = format!("{about}{table}");
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, expected).unwrap();
    } else {
        assert!(page == expected, "docs/detectors.md is not what is found; BLESS=1 writes it");
    }
}

/// Neighbours of one format that are found for another reason, or that nothing tells from a token.
fn is_another(id: &str, text: &str) -> bool {
    match id {
        // Announced by its name, whatever it is.
        "azure_connection_key" => text.contains("AccountKey="),
        // A bootstrap token may be of one character.
        "bootstrap_token" => text.contains("000000.0000000000000000"),
        // An OpenAI key has eight different characters whatever it holds.
        "openai_key" => text.contains("T3BlbkFJ") && text.contains("0000"),
        _ => false,
    }
}
