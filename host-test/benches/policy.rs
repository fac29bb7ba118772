//! What a policy costs natively, beside the rest of the filter: `cargo bench -p auditveil-host-test --bench policy`.
//!
//! One iteration is the log of ordinary traffic, event by event. `filter` is the whole filter with a policy that
//! keeps everything, so that the answers are the same; `evaluate` is the decision alone.

use auditveil_core::policy::{
    self, Attributes, Level, Object, Plan, Policy, Request, Stage, Target, path_of,
};
use auditveil_core::{Filter, Settings};
use auditveil_host_test::policies;
use auditveil_tests::corpus;
use auditveil_tests::json::{self, Member};
use criterion::{Criterion, Throughput};
use std::time::Duration;

fn main() {
    let mut criterion =
        Criterion::default().sample_size(20).measurement_time(Duration::from_secs(5)).configure_from_args();
    let log = corpus::traffic().unwrap_or_else(|error| stop(&error.to_string()));
    let requests: Vec<Told> = corpus::lines(&log).filter_map(Told::read).collect();
    let policies = [
        ("1 rule", policies::keep_all()),
        ("60 rules", policies::rules(60)),
        ("1000 rules", policies::rules(1000)),
        ("1000 rules that almost match", policies::almost_matching(1000)),
        ("1000 names of each kind", policies::names(1000)),
        ("reading alone", policies::drop_all()),
    ];

    let mut group = criterion.benchmark_group("filter");
    group.throughput(Throughput::Elements(requests.len() as u64));
    let loaded = policies.map(|(name, text)| (name, Some(load(&text))));
    for (name, policy) in [("no policy", None)].iter().chain(&loaded) {
        let mut filter =
            Filter::with_settings(policy.as_ref().map_or(Settings::new(), Settings::from_policy));
        let mut out = Vec::new();
        group.bench_function(*name, |bencher| {
            bencher.iter(|| {
                for line in corpus::lines(&log) {
                    filter.process(line, &mut out);
                }
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("evaluate");
    group.throughput(Throughput::Elements(requests.len() as u64));
    for (name, policy) in &loaded {
        let Some(policy) = policy else { continue };
        let plan = Plan::new(policy);
        group.bench_function(*name, |bencher| {
            bencher.iter(|| requests.iter().map(|told| told.evaluate(&plan)).filter(|kept| *kept).count());
        });
    }
    group.finish();
    criterion.final_summary();
}

fn load(text: &str) -> Policy {
    policy::load(text.as_bytes()).unwrap_or_else(|error| stop(&error.to_string())).policy
}

/// What an event tells a policy.
struct Told {
    username: String,
    groups: Vec<String>,
    verb: String,
    uri: String,
    object: Option<[String; 5]>,
}

impl Told {
    fn read(line: &[u8]) -> Option<Told> {
        let event = json::members(std::str::from_utf8(line).ok()?).ok()?;
        let user = json::members(json::member(&event, "user")?).ok()?;
        let object = json::member(&event, "objectRef").and_then(|object| json::members(object).ok());
        let groups = json::member(&user, "groups").and_then(|groups| json::items(groups).ok());
        Some(Told {
            username: text(&user, "username"),
            groups: groups.into_iter().flatten().map(unquote).collect(),
            verb: text(&event, "verb"),
            uri: text(&event, "requestURI"),
            object: object.map(|object| {
                ["apiGroup", "resource", "subresource", "namespace", "name"].map(|name| text(&object, name))
            }),
        })
    }

    fn evaluate(&self, plan: &Plan) -> bool {
        let mut buffer = Vec::new();
        let target = match &self.object {
            Some([api_group, resource, subresource, namespace, name]) => Target::Resource(Object {
                api_group: api_group.as_bytes(),
                resource: resource.as_bytes(),
                subresource: subresource.as_bytes(),
                namespace: namespace.as_bytes(),
                name: name.as_bytes(),
            }),
            None => path_of(self.uri.as_bytes(), &mut buffer).map_or(Target::Unknown, Target::Path),
        };
        let decision = plan.evaluate(&Request {
            username: Some(self.username.as_bytes()),
            groups: self.groups.iter().map(String::as_bytes),
            verb: self.verb.as_bytes(),
            target,
            stage: Some(Stage::ResponseComplete),
            level: Level::RequestResponse,
            missing: Attributes::NONE,
        });
        matches!(decision, policy::Decision::Keep { .. })
    }
}

fn text(members: &[Member<'_>], name: &str) -> String {
    json::member(members, name).map(unquote).unwrap_or_default()
}

fn unquote(raw: &str) -> String {
    json::unescape(raw.trim_matches('"'))
}

fn stop(message: &str) -> ! {
    eprintln!("error: {message}");
    std::process::exit(1)
}
