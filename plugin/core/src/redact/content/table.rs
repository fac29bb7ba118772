//! The formats of keys and tokens. Data only; [`format`] reads it.
//!
//! To add one: a line in `DETECTORS`, with what says that the format is so; a token and its nearest neighbours in
//! `tests/suites/content`; a line in `docs/leak-surface.md`. What is shorter than [`SHORTEST`](super::SHORTEST) or made
//! of small letters, digits and dashes only is not found: [`marks`](super::marks) says why.

use super::Span;
use super::charset::Charset;
use super::format;
use alloc::vec::Vec;

/// A format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Detector {
    /// What the documentation and the tests call it.
    pub(crate) id: &'static str,
    /// What it begins with, or has in it; at least three bytes.
    pub(crate) prefixes: &'static [&'static str],
    /// How many of its characters stand before that.
    pub(crate) ahead: usize,
    /// What it is made of behind that.
    pub(crate) body: Charset,
    /// How many characters these are.
    pub(crate) shortest: usize,
    pub(crate) longest: usize,
    /// What it begins with where it is base64 of a text: as the prefix, or longer where that is too short to tell.
    pub(crate) encoded: &'static [&'static str],
    pub(crate) format: Format,
}

/// Where the credential begins and ends whose prefix is in a text at the one position, and its body at the other, if it is
/// one. The last is for what is decoded.
type Format = fn(&Detector, &[u8], usize, usize, &mut Vec<u8>) -> Option<Span>;

/// The formats in the order in which they are tried at one position.
pub(crate) const DETECTORS: &[Detector] = &[
    // RFC 7519: a header that is JSON, a payload, a signature.
    encoded(
        "jwt",
        &["eyJ"],
        &["eyJhbGciOi", "eyJ0eXAiOi", "eyJraWQiOi"],
        Charset::BASE64_URL,
        8,
        8192,
        format::jwt,
    ),
    // RFC 7468; OpenSSH `PROTOCOL.key`; RFC 4880.
    encoded(
        "private_key",
        &["-----BEGIN "],
        &[
            "-----BEGIN PRIVATE",
            "-----BEGIN RSA PRI",
            "-----BEGIN EC PRIV",
            "-----BEGIN DSA PRI",
            "-----BEGIN OPENSSH",
            "-----BEGIN ENCRYPT",
            "-----BEGIN PGP PRI",
        ],
        Charset::BASE64,
        0,
        0,
        format::private_key,
    ),
    // AWS: session tokens are base64 that begins with the origin of the request or the region.
    of("aws_session_token", &["IQoJb3JpZ2lu", "FwoGZXIvYXdz"], Charset::BASE64, 100..=4096, format::plain),
    of("aws_bedrock_key", &["ABSKQmVkcm9ja0FQSUtleS"], Charset::BASE64, 100..=200, format::plain),
    of("aws_bedrock_token", &["bedrock-api-key-"], Charset::BASE64, 100..=4096, format::plain),
    // github.blog, "Behind GitHub's new authentication token formats": 30 characters, 6 of CRC-32 in base 62.
    of(
        "github_token",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        Charset::ALPHANUMERIC,
        36..=36,
        format::base62_checksum,
    ),
    of("github_pat", &["github_pat_"], Charset::WORD, 82..=82, format::github_pat),
    of("github_app_token", &["ghs_"], Charset::DOTTED, 80..=2048, format::two_points),
    // docs.gitlab.com, "Token overview"; the last is of routable tokens, which have points.
    of(
        "gitlab_token",
        &[
            "glpat-",
            "gldt-",
            "glrt-",
            "glrtr-",
            "glcbt-",
            "glptt-",
            "glagent-",
            "gloas-",
            "glsoat-",
            "glft-",
            "glimt-",
            "glffct-",
            "glwt-",
            "GR1348941",
        ],
        Charset::DOTTED,
        20..=320,
        format::plain,
    ),
    // api.slack.com, "Token types".
    of(
        "slack_token",
        &[
            "xoxb-",
            "xoxp-",
            "xoxa-",
            "xoxc-",
            "xoxr-",
            "xoxs-",
            "xoxo-",
            "xoxe-",
            "xapp-",
            "xoxe.xoxb-",
            "xoxe.xoxp-",
        ],
        Charset::BASE64_URL,
        20..=320,
        format::begins_with_a_digit,
    ),
    of(
        "slack_webhook",
        &["hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/"],
        Charset::BASE64,
        40..=96,
        format::behind_prefix,
    ),
    // discord.com, "Webhooks Resource"; learn.microsoft.com, "Create an Incoming Webhook".
    of(
        "discord_webhook",
        &["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"],
        Charset::BASE64_ANY,
        78..=96,
        format::behind_prefix,
    ),
    of("teams_webhook", &["IncomingWebhook/"], Charset::BASE64_ANY, 69..=160, format::behind_prefix),
    // core.telegram.org, "Authorizing your bot": the number of a bot, and 35 characters.
    of("telegram_token", &[":AA"], Charset::BASE64_URL, 33..=33, format::telegram),
    // rancher/rancher, `pkg/auth/audit/redact.go`: the manifest by which a cluster is imported, behind a token.
    of("rancher_import_token", &["v3/import/"], Charset::BASE64_URL, 40..=128, format::behind_prefix),
    // docs.stripe.com, "API keys": `pk_` is publishable.
    of(
        "stripe_key",
        &["sk_live_", "sk_test_", "sk_prod_", "rk_live_", "rk_test_", "rk_prod_"],
        Charset::ALPHANUMERIC,
        10..=247,
        format::plain,
    ),
    of("stripe_webhook_secret", &["whsec_"], Charset::BASE64, 32..=64, format::plain),
    // developer.hashicorp.com/vault, "Tokens": service, batch and recovery tokens.
    of("vault_token", &["hvs.", "hvb.", "hvr."], Charset::BASE64_URL, 24..=512, format::plain),
    of("terraform_token", &[".atlasv1."], Charset::BASE64_URL, 60..=70, format::plain).with_ahead(14),
    // cloud.google.com, "API keys", "OAuth 2.0".
    of("google_api_key", &["AIza"], Charset::BASE64_URL, 35..=35, format::plain),
    // ai.google.dev, "Using Gemini API keys": what is made since 2026.
    of("google_auth_key", &["AQ.A"], Charset::BASE64_URL, 40..=80, format::mixed),
    of("google_oauth_token", &["ya29."], Charset::DOTTED, 20..=2048, format::plain),
    of("google_refresh_token", &["1//0"], Charset::BASE64_URL, 40..=256, format::plain),
    of("google_client_secret", &["GOCSPX-"], Charset::BASE64_URL, 28..=28, format::plain),
    // learn.microsoft.com, "Microsoft Entra client secrets"; microsoft/security-utilities, "identifiable secrets".
    of(
        "azure_client_secret",
        &["0Q~", "1Q~", "2Q~", "3Q~", "4Q~", "5Q~", "6Q~", "7Q~", "8Q~", "9Q~"],
        Charset::DOTTED,
        31..=34,
        format::azure_client_secret,
    )
    .with_ahead(3),
    of("azure_devops_pat", &["AZDO"], Charset::ALPHANUMERIC, 4..=4, format::plain).with_ahead(76),
    of("azure_storage_key", &["+ASt"], Charset::BASE64, 6..=6, format::padded).with_ahead(76),
    of("azure_account_key", &["ACDb", "+ABa", "+AMC", "APIM"], Charset::BASE64, 6..=6, format::padded)
        .with_ahead(76),
    of(
        "azure_messaging_key",
        &["+ASb", "+AEh", "+ARm", "AIoT", "AzCa", "AZEG"],
        Charset::BASE64,
        6..=6,
        format::equals,
    )
    .with_ahead(33),
    of("azure_function_key", &["AzFu"], Charset::BASE64_URL, 6..=6, format::padded).with_ahead(44),
    of("azure_search_key", &["AzSe"], Charset::ALPHANUMERIC, 6..=6, format::plain).with_ahead(42),
    of("azure_common_key", &["JQQJ9"], Charset::ALPHANUMERIC, 27..=29, format::maybe_padded).with_ahead(52),
    of("azure_registry_key", &["+ACR"], Charset::BASE64, 6..=6, format::plain).with_ahead(42),
    of(
        "azure_connection_key",
        &["AccountKey=", "SharedAccessKey="],
        Charset::BASE64,
        40..=88,
        format::behind_prefix,
    ),
    // github.blog, "npm has a new access token format": as GitHub's.
    of("npm_token", &["npm_"], Charset::ALPHANUMERIC, 36..=36, format::base62_checksum),
    // pypi.org, macaroons: base64 of a version, the length of the host's name and that.
    of(
        "pypi_token",
        &["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"],
        Charset::BASE64_URL,
        50..=1024,
        format::plain,
    ),
    of("rubygems_key", &["rubygems_"], Charset::HEX, 48..=48, format::plain),
    // `T3BlbkFJ` is base64 of `OpenAI`.
    of("openai_key", &["sk-"], Charset::BASE64_URL, 40..=220, format::openai),
    of("anthropic_key", &["sk-ant-"], Charset::BASE64_URL, 80..=140, format::plain),
    of("openrouter_key", &["sk-or-v1-"], Charset::HEX, 64..=64, format::plain),
    of("perplexity_key", &["pplx-"], Charset::ALPHANUMERIC, 48..=48, format::plain),
    of("xai_key", &["xai-"], Charset::WORD, 80..=80, format::plain),
    of("replicate_token", &["r8_"], Charset::BASE64_URL, 37..=37, format::plain),
    of("langsmith_key", &["lsv2_pt_", "lsv2_sk_"], Charset::WORD, 43..=43, format::two_parts),
    of("pinecone_key", &["pcsk_"], Charset::WORD, 69..=70, format::two_parts),
    of("huggingface_token", &["hf_"], Charset::ALPHANUMERIC, 34..=40, format::plain),
    of("groq_key", &["gsk_"], Charset::ALPHANUMERIC, 52..=52, format::plain),
    of("nvidia_key", &["nvapi-"], Charset::BASE64_URL, 60..=70, format::plain),
    // docs.digitalocean.com, "Personal access tokens".
    of("digitalocean_token", &["dop_v1_", "doo_v1_", "dor_v1_"], Charset::HEX, 64..=64, format::plain),
    // moby/swarmkit, `ca/config.go`: a digest and a secret, each a number in base 36.
    of("docker_swarm_token", &["SWMTKN-1-"], Charset::BASE64_URL, 70..=90, format::plain),
    of("docker_hub_token", &["dckr_pat_", "dckr_oat_"], Charset::BASE64_URL, 20..=64, format::plain),
    of("databricks_token", &["dapi"], Charset::HEX, 32..=32, format::databricks),
    // grafana/grafana, `pkg/components/satokengen`: CRC-32 of all before, in hex, lowest byte first.
    of("grafana_token", &["glsa_"], Charset::WORD, 41..=41, format::grafana),
    of("grafana_cloud_token", &["glc_"], Charset::BASE64, 32..=400, format::plain),
    of("grafana_api_key", &["eyJrIjoi"], Charset::BASE64, 60..=400, format::plain),
    // docs.k3s.io, "k3s token": the digest of a certificate, `::`, a user and a password, or a bootstrap token.
    of("k3s_token", &["K10"], Charset::HEX, 64..=64, format::k3s),
    // rancher/rancher, `pkg/auth/tokens`: the id of a token, and 54 characters.
    of("rancher_token", &["token-", "kubeconfig-u"], Charset::SMALL, 54..=54, format::rancher),
    // kubernetes.io, "Authenticating with bootstrap tokens": only where a token is spoken of.
    of("bootstrap_token", &["token", "Token", "TOKEN"], Charset::SMALL, 16..=16, format::bootstrap),
    // docs.openshift.com: a name that begins so is a digest, a bearer is a token.
    of("openshift_token", &["sha256~"], Charset::BASE64_URL, 43..=43, format::bearer),
    // age-encryption.org/v1: bech32 (BIP 173).
    of("age_key", &["AGE-SECRET-KEY-1"], Charset::CAPITALS, 58..=58, format::age),
    of("age_plugin_key", &["AGE-PLUGIN-"], Charset::BASE64_URL, 40..=400, format::plain),
    of("sendgrid_key", &["SG."], Charset::DOTTED, 66..=66, format::sendgrid),
    of("newrelic_key", &["NRAK-", "NRII-", "NRIQ-", "NRRA-"], Charset::BASE64_URL, 27..=48, format::plain),
    of("shopify_token", &["shpat_", "shpca_", "shppa_", "shpss_"], Charset::HEX, 32..=32, format::plain),
    of("sentry_token", &["sntrys_", "sntryu_"], Charset::BASE64_ANY, 64..=400, format::plain),
    of("pulumi_token", &["pul-"], Charset::HEX, 40..=40, format::plain),
    of(
        "doppler_token",
        &["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."],
        Charset::DOTTED,
        40..=80,
        format::plain,
    ),
    of("onepassword_token", &["ops_eyJ"], Charset::BASE64_ANY, 240..=4096, format::plain),
    of("artifactory_key", &["AKCp"], Charset::ALPHANUMERIC, 69..=73, format::plain),
    of("artifactory_reference", &["cmVmdGtu"], Charset::ALPHANUMERIC, 56..=60, format::plain),
    of("atlassian_token", &["ATATT3", "ATCTT3"], Charset::BASE64_URL, 150..=250, format::plain),
    of(
        "tailscale_key",
        &["tskey-auth-", "tskey-api-", "tskey-client-", "tskey-scim-", "tskey-webhook-"],
        Charset::BASE64_URL,
        20..=96,
        format::plain,
    ),
    of("dynatrace_token", &["dt0c01.", "dt0s16.", "dt0s01."], Charset::DOTTED, 89..=89, format::plain),
    of("postman_key", &["PMAK-"], Charset::BASE64_URL, 59..=59, format::plain),
    of(
        "planetscale_token",
        &["pscale_tkn_", "pscale_pw_", "pscale_oauth_"],
        Charset::DOTTED,
        32..=64,
        format::plain,
    ),
    of("notion_token", &["ntn_"], Charset::ALPHANUMERIC, 46..=46, format::plain),
    of("brevo_key", &["xkeysib-"], Charset::BASE64_URL, 81..=81, format::plain),
    of("fly_token", &["fm2_", "fo1_"], Charset::BASE64_ANY, 43..=1024, format::plain),
    of("figma_token", &["figd_"], Charset::BASE64_URL, 40..=48, format::plain),
    of("circleci_token", &["CCIPAT_"], Charset::WORD, 40..=80, format::plain),
    of("buildkite_token", &["bkua_"], Charset::HEX, 40..=40, format::plain),
    of("supabase_key", &["sbp_", "sb_secret_"], Charset::WORD, 31..=64, format::plain),
    of("readme_key", &["rdme_"], Charset::SMALL, 70..=70, format::plain),
    // developers.cloudflare.com, "Token formats": 40 characters and a checksum.
    of("cloudflare_token", &["cfk_", "cfut_", "cfat_"], Charset::BASE64_URL, 44..=60, format::plain),
    // cloudflare/cloudflared, `connection/connection.go`: JSON of an account, a tunnel and its secret.
    encoded("cloudflare_tunnel_token", &["eyJhIjoi"], &[], Charset::BASE64, 120, 400, format::tunnel),
    // docs.confluent.io, "API secret format": the last six are CRC-32 in base64.
    of("confluent_secret", &["cflt"], Charset::BASE64, 60..=60, format::base64_checksum),
    // docs.aiven.io, docs.digitalocean.com: passwords of managed databases.
    of("aiven_password", &["AVNS_"], Charset::BASE64_URL, 19..=24, format::plain),
    of("cockroach_key", &["CCDB1_"], Charset::WORD, 63..=63, format::two_parts),
    of("clickhouse_key", &["4b1d"], Charset::ALPHANUMERIC, 38..=38, format::mixed),
    of("neon_key", &["napi_"], Charset::SMALL, 64..=64, format::plain),
    // docs.sonarsource.com, "Managing your tokens": of users, projects, and for analyses.
    of("sonarqube_token", &["squ_", "sqp_", "sqa_"], Charset::HEX, 40..=40, format::plain),
    of("sourcegraph_token", &["sgp_"], Charset::WORD, 40..=57, format::plain),
    of("harness_key", &["pat.", "sat."], Charset::DOTTED, 68..=68, format::two_points),
    of("linear_key", &["lin_api_", "lin_oauth_"], Charset::ALPHANUMERIC, 40..=64, format::plain),
    of("heroku_key", &["HRKU-AA"], Charset::BASE64_URL, 58..=58, format::plain),
    of("bitbucket_password", &["ATBB"], Charset::ALPHANUMERIC, 32..=32, format::mixed),
    of("octopus_key", &["API-"], Charset::CAPITALS, 26..=30, format::plain),
    of("prefect_key", &["pnu_", "pnb_"], Charset::ALPHANUMERIC, 36..=36, format::plain),
    of("posthog_key", &["phx_"], Charset::WORD, 43..=48, format::plain),
    of("contentful_token", &["CFPAT-"], Charset::BASE64_URL, 43..=43, format::plain),
    of("honeycomb_key", &["hcaik_", "hcbik_", "hcxik_"], Charset::SMALL, 58..=58, format::plain),
    of("upcloud_token", &["ucat_"], Charset::CAPITALS, 26..=26, format::plain),
    of("crates_io_token", &["cio"], Charset::ALPHANUMERIC, 32..=32, format::mixed),
    of("maxmind_key", &["_mmk"], Charset::WORD, 0..=0, format::plain).with_ahead(36),
    of("mapbox_token", &["sk.eyJ1"], Charset::DOTTED, 80..=400, format::plain),
    // the.earth.li/~sgtatham/putty, "PPK file format".
    of("putty_key", &["Private-Lines: "], Charset::BASE64, 0..=0, format::putty),
];

/// The formats of keys and tokens that are found by their look: what the documentation calls each, and what it begins with or
/// has in it.
pub const FORMATS: &[(&str, &[&str])] = &formats();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn formats() -> [(&'static str, &'static [&'static str]); DETECTORS.len()] {
    let mut formats = [("", DETECTORS[0].prefixes); DETECTORS.len()];
    let mut at = 0;
    while at < formats.len() {
        formats[at] = (DETECTORS[at].id, DETECTORS[at].prefixes);
        at += 1;
    }
    formats
}

/// What each is called, begins with or has in it, and how many characters follow at least.
pub(crate) fn lengths() -> impl Iterator<Item = (&'static str, &'static [&'static str], usize)> {
    DETECTORS.iter().map(|detector| (detector.id, detector.prefixes, detector.shortest))
}

/// What each begins with in base64 of a text that holds one.
pub(crate) fn encoded_literals() -> impl Iterator<Item = &'static str> {
    DETECTORS.iter().flat_map(|detector| detector.encoded.iter().copied())
}

const fn of(
    id: &'static str,
    prefixes: &'static [&'static str],
    body: Charset,
    length: core::ops::RangeInclusive<usize>,
    format: Format,
) -> Detector {
    let (shortest, longest) = (*length.start(), *length.end());
    Detector { id, prefixes, ahead: 0, body, shortest, longest, encoded: prefixes, format }
}

const fn encoded(
    id: &'static str,
    prefixes: &'static [&'static str],
    encoded: &'static [&'static str],
    body: Charset,
    shortest: usize,
    longest: usize,
    format: Format,
) -> Detector {
    Detector { id, prefixes, ahead: 0, body, shortest, longest, encoded, format }
}

impl Detector {
    /// The same, of which so many characters stand before the prefix. Its base64 is not looked for.
    const fn with_ahead(mut self, ahead: usize) -> Detector {
        self.ahead = ahead;
        self.encoded = &[];
        self
    }
}
