//! Facts and detections in stamps, beside a slow reading of the answer that they stand in: every fact derived from the whole
//! answer, every condition asked by itself.

use super::stamps;
use auditveil_core::config::{self, Config};
use auditveil_core::enrich::Reader;
use auditveil_core::{Events, Filter, Settings};
use auditveil_tests::corpus::{self, Server};
use auditveil_tests::msgpack;
use serde_json::{Map, Value, json};

/// The default, with the lists that turn the last detections on.
pub(crate) fn with_lists() -> Config {
    let text =
        br#"{"enrich": {"lists": {"registries": ["registry.example.com/*"], "users": ["*@example.com"]}}}"#;
    config::load(text).unwrap().config
}

/// A filter that adds facts and detections, one that adds none, and a reader with the same detections.
pub(crate) struct Stamped {
    filter: Filter,
    plain: Filter,
    reader: Reader,
}

impl Stamped {
    pub(crate) fn new(config: &Config) -> Stamped {
        let mut plain = config.clone();
        plain.enrich.facts = false;
        plain.enrich.detections = config::Detections::None;
        plain.enrich.own.clear();
        let detections = config.detections(&config.lists()).unwrap().unwrap();
        let filter = |config: &Config| Filter::with_settings(Settings::from_config(config).unwrap());
        Stamped { filter: filter(config), plain: filter(&plain), reader: Reader::with_detections(detections) }
    }

    /// Holds the stamp of an answer to the answer, and gives it.
    pub(crate) fn check(&mut self, record: &[u8], place: &str) -> String {
        let (mut answer, mut bare) = (Vec::new(), Vec::new());
        self.filter.process(record, &mut answer);
        self.plain.process(record, &mut bare);
        if answer.is_empty() {
            assert!(bare.is_empty(), "{place}");
            return String::new();
        }
        let (text, bare) = (String::from_utf8(answer).unwrap(), String::from_utf8(bare).unwrap());
        let (event, stamp) = stamps::split(&text);
        let (bare_event, bare_stamp) = stamps::split(&bare);
        assert_eq!(event, bare_event, "{place}: what is added changes the event");

        let mut expected: Map<String, Value> = serde_json::from_str(bare_stamp).unwrap();
        let mut events = 0;
        let mut facts = Map::new();
        let mut fired: Vec<(String, &'static str)> = Vec::new();
        let whole =
            |event: &[u8]| serde_json::from_slice::<Value>(event).is_ok_and(|event| stamps::is_event(&event));
        Events::default().each(bare.as_bytes(), &mut |event| {
            events += 1;
            let mut read = self.reader.read(event);
            for rule in read.detections() {
                if !fired.iter().any(|(id, _)| *id == rule.id) {
                    fired.push((rule.id.clone(), rule.severity.name()));
                }
            }
            if events == 1 && whole(event) && !bare_stamp.contains("\"stub\"") {
                facts = stamps::facts(read.facts());
            }
        });
        if events == 1 {
            expected.extend(facts);
        }
        let order: Vec<&str> = self.reader.rules().iter().map(|rule| rule.id.as_str()).collect();
        fired.sort_by_key(|(id, _)| order.iter().position(|known| known == id));
        stamps::add_detections(&mut expected, &fired);
        let told: Map<String, Value> = serde_json::from_str(stamp).unwrap();
        assert_eq!(Value::from(told), Value::from(expected), "{place}: {text}");

        let mut again = Vec::new();
        self.filter.process(text.as_bytes(), &mut again);
        assert_eq!(String::from_utf8(again).unwrap(), text, "{place}: a second pass");
        stamp.to_owned()
    }
}

#[test]
fn stamps_of_the_corpus_tell_what_is_in_the_answer() {
    let mut stamped = Stamped::new(&with_lists());
    let mut told = 0;
    for server in Server::ALL {
        let log = corpus::audit(server).unwrap();
        for (number, line) in corpus::lines(&log).enumerate() {
            let stamp = stamped.check(line, &format!("{} line {number}", server.name()));
            told += usize::from(stamp.contains("\"detections\""));
        }
    }
    let log = corpus::traffic().unwrap();
    for (number, line) in corpus::lines(&log).enumerate() {
        stamped.check(line, &format!("traffic line {number}"));
    }
    assert!(told > 500, "{told}");
}

/// Events that nobody would send, in an order in which one may be taken for the one before: what is remembered of clients
/// and kinds of requests must not be of another one.
#[test]
fn what_is_remembered_is_of_the_same_client_and_kind() {
    let mut stamped = Stamped::new(&with_lists());
    let users = [
        json!({"username":"alice","groups":["system:masters"]}),
        json!({"username":"alicf","groups":["system:masters"]}),
        json!({"username":"system:serviceaccount:kube-system:generic-garbage-collector"}),
        json!({"username":"system:serviceaccount:kube-systen:generic-garbage-collector"}),
        json!({"username":"system:serviceaccount:ci:b","groups":["system:unauthenticated"]}),
        json!({"username":"system:node:n"}),
        json!({"username":""}),
        json!({}),
        Value::Null,
        json!("x"),
        json!({"username":"a","extra":{"x":["y".repeat(1100)]}}),
    ];
    let objects = [
        json!({"resource":"pods","namespace":"kube-system","name":"a"}),
        json!({"resource":"pods","subresource":"exec"}),
        json!({"resource":"pod","subresource":"sexec"}),
        json!({"resource":"secrets","apiGroup":"x"}),
        json!({"resource":"secrets"}),
        json!({"resource":"roles","apiGroup":"rbac.authorization.k8s.io"}),
        json!({"Resource":"roles"}),
        json!({"resource":"r".repeat(140)}),
        json!({"name":"x"}),
        Value::Null,
    ];
    let verbs = ["get", "create", "list", "patch", "deletecollection", "odd"];
    let mut checked = 0;
    for round in 0..2 {
        for (at, user) in users.iter().enumerate() {
            for object in &objects {
                for verb in verbs {
                    let code = [200, 201, 403, 500][(at + checked + round) % 4];
                    let agent = ["kubectl/v1", "nmap"][checked % 2];
                    let from = ["8.8.8.8", "10.0.0.2"][at % 2];
                    let uri = ["/x", "/x?dryRun=All"][checked % 2];
                    let event = json!({"auditID":"a","stage":"ResponseComplete","verb":verb,"user":user,
                        "userAgent":agent,"sourceIPs":["10.0.0.1",from],
                        "objectRef":object,"requestURI":uri,"responseStatus":{"metadata":{},"code":code}});
                    // The fields of an apiserver come in its order; here they are sorted, too.
                    let ordered = stamps::ordered(&event);
                    stamped.check(ordered.as_bytes(), &ordered);
                    stamped.check(event.to_string().as_bytes(), &event.to_string());
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 1000, "{checked}");
}

/// A user's own conditions, of every sort of part.
#[test]
fn own_detections_are_told_as_they_are_asked() {
    let text = r#"
enrich:
  except: ["secret.*", "access.forbidden"]
  lists: {ours: ["shop", "kube-system"]}
  own:
  - {id: shop.exec, severity: critical, title: t, condition: 'action == "exec" and objectRef.namespace not in @ours'}
  - {id: shop.agent, severity: low, title: t, condition: 'userAgent contains "kubectl" or outcome == "denied"'}
  - {id: shop.not, severity: info, title: t, condition: 'not (actor.class == "human" and verb == "get") and not exists annotations["x.y/*"]'}
  - {id: shop.body, severity: medium, title: t, condition: 'exists requestObject.spec or container.image endsWith ":latest"'}
"#;
    let config = config::load(text.as_bytes()).unwrap_or_else(|error| panic!("{error}")).config;
    let mut stamped = Stamped::new(&config);
    let log = corpus::audit(Server::V1_36).unwrap();
    let mut own = [0; 4];
    for (number, line) in corpus::lines(&log).enumerate() {
        let stamp = stamped.check(line, &format!("line {number}"));
        assert!(!stamp.contains("\"secret.get"), "{stamp}");
        for (count, id) in own.iter_mut().zip(["shop.exec", "shop.agent", "shop.not", "shop.body"]) {
            *count += usize::from(stamp.contains(&format!("\"{id}\"")));
        }
    }
    assert!(own.into_iter().all(|count| count > 0), "{own:?}");
}

/// The stamp is the same in either format, whatever the event's length.
#[test]
fn stamps_are_the_same_in_msgpack() {
    let mut filter = Filter::with_settings(Settings::unconfigured());
    let (mut json, mut packed) = (Vec::new(), Vec::new());
    let log = corpus::traffic().unwrap();
    for line in corpus::lines(&log) {
        filter.process(line, &mut json);
        filter.process(&msgpack::log_record(line), &mut packed);
        let answer = msgpack::read_answer(&packed).unwrap().unwrap();
        if answer.moved.is_empty() {
            assert_eq!(answer.text.as_bytes(), json);
        } else {
            assert_eq!(stamps::split(&answer.text).1, stamps::split(std::str::from_utf8(&json).unwrap()).1);
        }
    }
}
