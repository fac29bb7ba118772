//! Texts as servers write them, with fake secrets, and what stays of them. Nearly all of it is such texts: that is
//! why the file is long.

use super::work::counted;
use super::{field_path, is_reason, status_message};
use crate::redact::hide::checked::Masked;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use proptest::prelude::*;

fn masked(text: &str, about_secret: bool) -> String {
    let mut masked = Masked { text, out: String::new(), at: 0, spans: 0 };
    status_message(text.as_bytes(), about_secret, &mut masked);
    let rest = text.get(masked.at..).expect("a span cuts a character");
    let once = masked.out + rest;
    let mut again = Masked { text: &once, out: String::new(), at: 0, spans: 0 };
    status_message(once.as_bytes(), about_secret, &mut again);
    assert_eq!(again.spans, 0, "a second pass hides more of {once:.1000?}");
    once
}

const CONFIG_KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/// Nothing in these is hidden, whatever the request was about.
const PHRASES: &[&str] = &[
    "",
    "Unauthorized",
    "secrets \"db\" not found",
    "secrets \"db-\" already exists",
    "namespaces \"shop\" not found",
    "secrets \"db\" is forbidden: User \"alice@example.com\" cannot get resource \"secrets\" in API group \"\" in the namespace \"shop\"",
    "secrets is forbidden: User \"system:serviceaccount:shop:default\" cannot list resource \"secrets\" in API group \"\" at the cluster scope",
    "secrets is forbidden: User \"eve\" cannot list resource \"secrets\" in API group \"\" in the namespace \"shop\": RBAC: clusterrole.rbac.authorization.k8s.io \"reader\" not found",
    "forbidden: User \"system:anonymous\" cannot get path \"/apis\"",
    "secrets \"db\" is forbidden: User \"system:node:n1\" cannot get resource \"secrets\" in API group \"\" in the namespace \"shop\": no relationship found between node 'n1' and this object",
    "no relationship found between node 'n1' and this object",
    "secrets is forbidden: User \"eve\" cannot list resource \"secrets\" in API group \"\" in the namespace \"shop\": requires one of [\"container.secrets.list\"] permission(s).",
    "users \"alice@example.com\" is forbidden: User \"eve\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope",
    "Secret \"db\" is invalid: metadata.annotations[kubernetes.io/service-account.name]: Required value",
    "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
    "too old resource version: 12 (34)",
    "secrets \"t\" is forbidden: unable to create new content in namespace shop because it is being terminated",
    "secrets \"t\" is forbidden: exceeded quota: objects, requested: count/secrets=1, used: count/secrets=5, limited: count/secrets=5",
    "namespace shop is being terminated",
    "Operation cannot be fulfilled on secrets \"db\": the object has been modified; please apply your changes to the latest version and try again",
    "Operation cannot be fulfilled on secrets \"db\": StorageError: invalid object, Code: 4, Key: /registry/secrets/shop/db, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: 76874d62-76da-4b42-9926-0bbad33326da, UID in object meta: ",
    "Secret \"db\" is invalid: data: Forbidden: field is immutable when `immutable` is set",
    "Forbidden: field is immutable when `immutable` is set",
    "Secret \"db\" is invalid: data: Too long: may not be more than 1048576 bytes",
    "Secret \"db\" is invalid: [metadata.name: Required value: name or generateName is required, data: Too long: must have at most 1048576 bytes]",
    "Secret in version \"v1\" cannot be handled as a Secret: json: cannot unmarshal number into Go struct field Secret.stringData of type string",
    "Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte 6",
    "SecretList in version \"v1\" cannot be handled as a Secret: converting (v1.SecretList) to (core.Secret): unknown conversion",
    "error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}",
    "failed to convert new object (shop/db; /v1, Kind=Secret) to proper version: unable to convert unstructured object to /v1, Kind=Secret: error decoding from json: illegal base64 data at input byte 6",
    "failed to create typed patch object (shop/db; /v1, Kind=Secret): .spec: field not declared in schema",
    "the server rejected our request due to an error in our request",
    "Request entity too large: limit is 3145728",
    "Timeout: request did not complete within requested timeout - context deadline exceeded",
    "Internal error occurred: failed calling webhook \"v.example.com\": failed to call webhook: Post \"https://v.shop.svc:443/check?timeout=10s\": dial tcp 10.0.0.1:443: connect: connection refused",
    "etcdserver: request timed out",
    "RBAC: allowed by RoleBinding \"system::leader/kube-system\" of Role \"leader\" to ServiceAccount \"ctl/kube-system\"",
];

#[test]
fn phrases_stay() {
    for phrase in PHRASES {
        assert_eq!(masked(phrase, true), *phrase);
        assert_eq!(masked(phrase, false), *phrase);
    }
}

#[test]
fn texts_about_secrets() {
    for (text, expected) in [
        ("hunter2", "[REDACTED]"),
        ("password \"hunter2\" is wrong", "[REDACTED]"),
        ("secrets \"Hunter 2\" not found", "secrets \"[REDACTED]\" not found"),
        ("secrets \"db;token=hunter2\" not found", "secrets \"[REDACTED]\" not found"),
        ("secrets \"db\" not found: hunter2", "[REDACTED]"),
        (
            "admission webhook \"v.example.com\" denied the request: not allowed: hunter2",
            "admission webhook \"v.example.com\" denied the request: [REDACTED]",
        ),
        (
            "secrets \"db\" is forbidden: ValidatingAdmissionPolicy 'p.example.com' with binding 'b' denied request: value was aHVudGVyMg==",
            "secrets \"db\" is forbidden: ValidatingAdmissionPolicy 'p.example.com' with binding 'b' denied request: [REDACTED]",
        ),
        ("secrets \"db\" is forbidden: hunter2", "secrets \"db\" is forbidden: [REDACTED]"),
        (
            "forbidden: User \"eve\" cannot get path \"/x;token=hunter2\"",
            "forbidden: User \"eve\" cannot get path \"[REDACTED]\"",
        ),
        (
            " \"\" is invalid: patch: Invalid value: \"{\\\"data\\\":{\\\"p\\\":\\\"aHVudGVyMg==\\\"},\\\"kind\\\":\\\"Secret\\\"}\": json: cannot unmarshal array into Go struct field Secret.data of type map[string][]uint8",
            " \"\" is invalid: patch: Invalid value: \"[REDACTED]\": json: cannot unmarshal array into Go struct field Secret.data of type map[string][]uint8",
        ),
        (
            " \"\" is invalid: patch: Invalid value: \"map[data:map[n:hunter2]]\": cannot restore slice from map",
            " \"\" is invalid: patch: Invalid value: \"[REDACTED]\": cannot restore slice from map",
        ),
        // The value is not quoted as Go quotes: nobody knows where it ends.
        ("Invalid value: \"hunter\"2\": field is immutable", "Invalid value: [REDACTED]"),
        ("Invalid value: \"x\": hunter2 is too short", "Invalid value: \"[REDACTED]\": [REDACTED]"),
        ("Invalid value: 1234: field is immutable", "Invalid value: [REDACTED]: field is immutable"),
        ("Invalid value: null: field is immutable", "Invalid value: null: field is immutable"),
        (
            "Invalid value: {\"a\":\"}: \"}: field is immutable",
            "Invalid value: [REDACTED]: field is immutable",
        ),
        (
            "Invalid value: core.Secret{Data:map[string][]uint8{\"p\":[]uint8{0x68}}, Type:\"x\"}: field is immutable",
            "Invalid value: [REDACTED]: field is immutable",
        ),
        (
            "Secret \"db\" is invalid: data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'h' in literal null (expecting 'u')",
            "Secret \"db\" is invalid: data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character [REDACTED] in literal null (expecting 'u')",
        ),
        (
            "v1.Secret.Data: decode base64: illegal base64 data at input byte 6, error found in #10 byte of ...|hunter2|..., bigger context ...|hunter2|...",
            "[REDACTED]",
        ),
        (
            "Secret in version \"v1\" cannot be handled as a Secret: v1.Secret.Data: decode base64: illegal base64 data at input byte 6, error found in #10 byte of ...|hunter2|..., bigger context ...|hunter2|...",
            "Secret in version \"v1\" cannot be handled as a Secret: v1.Secret.Data: decode base64: illegal base64 data at input byte 6, error found in #10 byte of ...|[REDACTED]",
        ),
        (
            "Secret in version \"v1\" cannot be handled as a Secret: json: cannot unmarshal number 12345 into Go struct field Secret.data of type uint8",
            "Secret in version \"v1\" cannot be handled as a Secret: json: cannot unmarshal number [REDACTED]",
        ),
        (
            "Secret in version \"v1\" cannot be handled as a Secret: strict decoding error: unknown field \"hunter2\"",
            "Secret in version \"v1\" cannot be handled as a Secret: strict decoding error: unknown field \"[REDACTED]\"",
        ),
        (
            "the object provided is unrecognized (must be of type Secret): couldn't get version/kind; json parse error: unexpected end of JSON input ({\"p\":\"hunter2\")",
            "the object provided is unrecognized (must be of type Secret): couldn't get version/kind; json parse error: unexpected end of JSON input ([REDACTED])",
        ),
        (
            "the object provided is unrecognized (must be of type Secret): yaml: line 2: mapping values are not allowed in this context (68756e74657232)",
            "the object provided is unrecognized (must be of type Secret): yaml: line 2: mapping values are not allowed in this context ([REDACTED])",
        ),
        (
            "failed to create typed patch object (shop/db; /v1, Kind=Secret): .stringData.hunter2: expected string, got &value.valueUnstructured{Value:map[string]interface {}{\"i\":\"hunter2\"}}",
            "failed to create typed patch object (shop/db; /v1, Kind=Secret): .stringData.[REDACTED]: expected string, got [REDACTED]",
        ),
        (
            "failed to create typed patch object (shop/db; /v1, Kind=Secret): .data: expected map, got &{hunter2}",
            "failed to create typed patch object (shop/db; /v1, Kind=Secret): .data: expected map, got [REDACTED]",
        ),
        (
            "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .data.hunter2",
            "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .data.[REDACTED]",
        ),
        // Nothing that a client chose stands where a name of Kubernetes does.
        (" \"\" is invalid: data.hunter2: Required value", " \"\" is invalid: [REDACTED]"),
        (
            " \"\" is invalid: [data: Required value, hunter2: Required value]",
            " \"\" is invalid: [data: Required value[REDACTED]",
        ),
        ("hunter2: Required value", "[REDACTED]"),
        (" \"\" is invalid: metadata.labels.hunter2: Required value", " \"\" is invalid: [REDACTED]"),
        (
            " \"\" is invalid: data[1234]: Required value",
            " \"\" is invalid: data[[REDACTED]]: Required value",
        ),
        (
            "secrets is forbidden: User \"x pw=hunter2\" cannot list resource \"secrets\" in API group \"\"",
            "secrets is forbidden: User \"[REDACTED]\" cannot list resource \"secrets\" in API group \"\"",
        ),
        (
            "secrets \"t\" is forbidden: exceeded quota: q, requested: hunter2=1, used: secrets=1, limited: secrets=1",
            "secrets \"t\" is forbidden: [REDACTED]",
        ),
        (
            "secrets \"t\" is forbidden: exceeded quota: q, requested: secrets=hunter2, used: secrets=1, limited: secrets=1",
            "secrets \"t\" is forbidden: [REDACTED]",
        ),
        (
            "json: cannot unmarshal string into Go struct field hunter2.data of type string",
            "json: [REDACTED]",
        ),
        (
            "json: cannot unmarshal string into Go struct field Secret.data of type hunter2",
            "json: [REDACTED]",
        ),
        ("json: cannot unmarshal hunter into Go struct field Secret.data of type string", "json: [REDACTED]"),
        ("hunter2 in version \"v1\" cannot be handled as a Secret: unexpected EOF", "[REDACTED]"),
        (
            "Internal error occurred: failed calling webhook \"v.example.com\": Post \"https://hunter2/x?timeout=10s\": EOF",
            "Internal error occurred: failed calling webhook \"v.example.com\": Post \"[REDACTED]\": EOF",
        ),
        (
            "Internal error occurred: failed calling webhook \"v.example.com\": Post \"https://a.b.svc/x?timeout=hunter2\": EOF",
            "Internal error occurred: failed calling webhook \"v.example.com\": Post \"[REDACTED]\": EOF",
        ),
        ("conflict with \"hunter2\" using v1: .data", "conflict with \"[REDACTED]\" using v1: .data"),
        // A key that pretends to be a mask and a path.
        (
            "Secret \"db\" is invalid: data[[REDACTED]hunter2]: Forbidden: field is immutable",
            "Secret \"db\" is invalid: data[[REDACTED]]: Forbidden: field is immutable",
        ),
        ("hmac:k1:0123456789abcdef0123456789abcdefhunter2", "[REDACTED]"),
    ] {
        assert_eq!(masked(text, true), expected);
    }
    let text = "Secret \"db\" is invalid: [data[hunter 2]: Invalid value: \"hunter 2\": KEY, metadata.labels: Invalid value: \"x y\": field is immutable]"
        .replace("KEY", CONFIG_KEY);
    let expected = "Secret \"db\" is invalid: [data[[REDACTED]]: Invalid value: \"[REDACTED]\": KEY, metadata.labels: Invalid value: \"[REDACTED]\": field is immutable]"
        .replace("KEY", CONFIG_KEY);
    assert_eq!(masked(&text, true), expected);
}

#[test]
fn texts_that_quote_a_secret_are_treated_as_about_one() {
    for text in [
        "{\\\"kind\\\":\\\"Secret\\\",\\\"x\\\":\\\"hunter2\\\"}",
        "apiVersion: v1\nkind: Secret\nx: hunter2",
        "&Secret{ObjectMeta:v1.ObjectMeta{}, x:hunter2}",
        "got stringData hunter2",
        "{\\\"kind\\\":\\n  \\\"Secret\\\",\\\"x\\\":\\\"hunter2\\\"}",
        "kind:\n \"Secret\" hunter2",
        "kind:\tSecret hunter2",
        "{\\\"d\\\\u0061ta\\\":{\\\"a\\\":\\\"hunter2\\\"}}",
        "kind=SecretList hunter2",
    ] {
        assert_eq!(masked(text, false), "[REDACTED]");
    }
    for text in ["kind: SecretStore is not served", "Secret rotation is due", "the kind of Secret is unknown"]
    {
        assert_eq!(masked(text, false), text);
    }
}

#[test]
fn other_texts() {
    for (text, expected) in [
        (
            "userextras.authentication.k8s.io \"hunter2\" is forbidden: User \"eve\" cannot impersonate resource \"userextras/scopes\" in API group \"authentication.k8s.io\" at the cluster scope",
            "userextras.authentication.k8s.io \"[REDACTED]\" is forbidden: User \"eve\" cannot impersonate resource \"userextras/scopes\" in API group \"authentication.k8s.io\" at the cluster scope",
        ),
        // Validation.
        (
            "Pod \"w\" is invalid: spec.x: Invalid value: \"hunter2\": too short",
            "Pod \"w\" is invalid: spec.x: Invalid value: \"[REDACTED]\": too short",
        ),
        (
            "spec.x: Invalid value: \"hun\\\"ter2\": saw \"hun\": bad",
            "spec.x: Invalid value: \"[REDACTED]\": saw \"hun\": bad",
        ),
        (
            "spec.x: Invalid value: \"hunter2\": parsing \"hunter2\": bad, hunter2x",
            "spec.x: Invalid value: \"[REDACTED]\": parsing \"[REDACTED]\": bad, [REDACTED]",
        ),
        (
            "data[hunter 2]: Invalid value: \"hunter 2\": bad key",
            "data[[REDACTED]]: Invalid value: \"[REDACTED]\": bad key",
        ),
        ("spec.x: Invalid value: \"hunter\"2\": bad", "spec.x: Invalid value: [REDACTED]"),
        ("a: Invalid value: \"string\": hunter2 in body is bad", "a: Invalid value: \"string\": [REDACTED]"),
        ("a: Invalid value: \"object\": hunter2: failed rule: x", "a: Invalid value: \"object\": [REDACTED]"),
        (
            "a: Invalid value: \"string\": \"data\":{: failed rule: x",
            "a: Invalid value: \"string\": [REDACTED]",
        ),
        (
            "a: Invalid value: \"abcd\": value abcdhunter2 is",
            "a: Invalid value: \"[REDACTED]\": value [REDACTED] is",
        ),
        (
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        ),
        ("spec.password: Invalid value: 1234: bad", "spec.password: Invalid value: [REDACTED]: bad"),
        ("spec: Invalid value: password hunter2 is weak", "spec: Invalid value: [REDACTED]"),
        (
            "spec: Invalid value: \"object\": password hunter2 is weak",
            "spec: Invalid value: \"object\": [REDACTED]",
        ),
        (
            "spec: Invalid value: \"object\": failed rule: self.a < self.b",
            "spec: Invalid value: \"object\": failed rule: self.a < self.b",
        ),
        (
            "spec.x: Invalid value: \"string\": spec.x in body must be of type integer: \"string\"",
            "spec.x: Invalid value: \"string\": spec.x in body must be of type integer: \"string\"",
        ),
        (
            "[spec.m: Unsupported value: \"hunter2\": supported values: \"a\", \"b\", <nil>: Invalid value: null: some validation rules were not checked]",
            "[spec.m: Unsupported value: \"[REDACTED]\": supported values: \"a\", \"b\", <nil>: Invalid value: null: some validation rules were not checked]",
        ),
        (
            "spec.t: Invalid value: {\"Env\":[{\"Value\":\"hunter2\"}]}: field is immutable",
            "spec.t: Invalid value: [REDACTED]: field is immutable",
        ),
        (
            "spec.t: Invalid value: networking.IngressSpec{A:\"hunter2\"}: field is immutable",
            "spec.t: Invalid value: [REDACTED]: field is immutable",
        ),
        (
            "spec.t: Invalid value: core.PodTemplateSpec{Args:[]string{\"a: }\"}, N:(*int64)(nil)}: field is immutable",
            "spec.t: Invalid value: [REDACTED]: field is immutable",
        ),
        (
            "Pod \"w\" is invalid: spec: Forbidden: pod updates may not change fields other than `x`\n@@ -1 +1 @@\n-hunter1\n+hunter2\n",
            "Pod \"w\" is invalid: spec: Forbidden: pod updates may not change fields other than `x`\n[REDACTED]",
        ),
        // Decoding.
        (
            "v1.Pod.Spec: ReadString: expects \" or n, but found 5, error found in #10 byte of ...|hunter2|..., bigger context ...|hunter2|...",
            "v1.Pod.Spec: ReadString: expects \" or n, but found 5, error found in #10 byte of ...|[REDACTED]",
        ),
        (
            "the object provided is unrecognized (must be of type Pod): x ({\"p\":\"hunter2 (\")",
            "the object provided is unrecognized (must be of type Pod): x ([REDACTED])",
        ),
        (
            "error: line 1: cannot unmarshal !!str `hunter2` into int",
            "error: line 1: cannot unmarshal !!str `[REDACTED]` into int",
        ),
        (
            "failed to create typed patch object (a/b; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got &{hunter2}",
            "failed to create typed patch object (a/b; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got [REDACTED]",
        ),
        (
            "strconv.Atoi: parsing \"hunter \\\"2\": invalid syntax",
            "strconv.Atoi: parsing \"[REDACTED]\": invalid syntax",
        ),
        (
            "json: cannot unmarshal number 12345 into Go struct field A.pin of type int8",
            "json: cannot unmarshal number [REDACTED] into Go struct field A.pin of type int8",
        ),
        (
            "json: cannot unmarshal number into Go struct field A.pin of type string",
            "json: cannot unmarshal number into Go struct field A.pin of type string",
        ),
        // URLs.
        (
            "Get https://bob:hunter2@registry/v2/: unauthorized",
            "Get https://bob:[REDACTED]@registry/v2/: unauthorized",
        ),
        ("clone https://ghp_hunter2@host failed", "clone https://[REDACTED]@host failed"),
        ("clone ssh://git@host/x failed", "clone ssh://git@host/x failed"),
        ("dial postgres://u:hun/ter2@host/db", "dial postgres://u:[REDACTED]@host/db"),
        ("Get \"https://[::1]:443/a@b\": x", "Get \"https://[::1]:443/a@b\": x"),
        (
            "Get \"http://10.0.0.1:8080/?token=hunter2&x=1\": EOF",
            "Get \"http://10.0.0.1:8080/?token=[REDACTED]&x=1\": EOF",
        ),
        // Credentials.
        ("curl -H \"Authorization: Bearer hunter2\" failed", "curl -H \"Authorization: [REDACTED]\" failed"),
        ("sent Bearer eyJhbGciOi.x.y, refused", "sent Bearer [REDACTED], refused"),
        ("invalid Bearer token", "invalid Bearer token"),
        ("bad DSN user=bob password=hunter2 host=db", "bad DSN user=bob password=[REDACTED] host=db"),
        ("--db-password='hunter 2' given", "--db-password='[REDACTED]' given"),
        (
            "{\"user\":\"bob\",\"password\":\"hun\\\"ter2\",\"n\":1}",
            "{\"user\":\"bob\",\"password\":\"[REDACTED]\",\"n\":1}",
        ),
        ("{\"password\":\"hunter2\\\\\",\"n\":\"1\"}", "{\"password\":\"[REDACTED]\",\"n\":\"1\"}"),
        (
            "\"{\\\"token\\\":\\\"hunter2\\\",\\\"n\\\":1}\"",
            "\"{\\\"token\\\":\\\"[REDACTED]\\\",\\\"n\\\":1}\"",
        ),
        ("{\"data\":{\"a\":\"hunter2}\"},\"n\":1}", "{\"data\":[REDACTED],\"n\":1}"),
        ("a: Invalid value: map[p:ab]: hunter2]: bad", "a: Invalid value: [REDACTED]"),
        ("a: Invalid value: map[p:ab], hunter2]", "a: Invalid value: [REDACTED]"),
        ("a: Invalid value: map[string]string{\"p\":\"x\"}: bad", "a: Invalid value: [REDACTED]: bad"),
        ("a: Invalid value:\"hunter2\"", "a: Invalid value:[REDACTED]"),
        ("a: Invalid value:\n\"hunter2\"", "a: Invalid value:[REDACTED]"),
        ("password := hunter2, x", "password := [REDACTED], x"),
        ("password=\nhunter2 x", "password=\n[REDACTED] x"),
        ("password: |\n  hunter2", "password: [REDACTED]"),
        ("password=a\"hunter2 x", "password=[REDACTED] x"),
        ("Get \"http://a/?password=a\": EOF", "Get \"http://a/?password=[REDACTED]\": EOF"),
        ("Authorization:Bearer hunter2", "Authorization:[REDACTED]"),
        ("Authorization=Bearer hunter2", "Authorization=[REDACTED]"),
        ("{name: DB_PASSWORD, value: hunter2}", "{name: DB_PASSWORD, value: [REDACTED]}"),
        (
            "json: cannot unmarshal string into Go value of type x (hunter2)",
            "json: cannot unmarshal string into Go value of type x ([REDACTED])",
        ),
        (
            "token=xcannot unmarshal !!str `lifecycle hook ([hunter2",
            "token=[REDACTED] unmarshal !!str `lifecycle hook ([REDACTED]",
        ),
        ("{\\\"data\\\" : {\\\"a\\\":\\\"hunter2\\\"}}", "{\\\"data\\\" : [REDACTED]}"),
        ("{\\\"data\\\":  {\\\"a\\\":\\\"hunter2\\\"}}", "{\\\"data\\\":  [REDACTED]}"),
        ("{\"data\":\n  {\"a\":\"hunter2\"}}", "{\"data\":\n  [REDACTED]}"),
        ("map[password:hunter2 user:bob]", "map[password:[REDACTED] user:bob]"),
        (
            "maxTokens=5 secretName=db automountServiceAccountToken=true",
            "maxTokens=5 secretName=db automountServiceAccountToken=true",
        ),
        ("{\"password\":[REDACTED]hunter2,\"n\":1}", "{\"password\":[REDACTED],\"n\":1}"),
        // What kubelets write.
        (
            "Exec lifecycle hook ([sh -c login hunter2]) for Container \"a\" in Pod \"b\" failed - error: command 'sh -c login hunter2' exited with 1: , message: \"\"",
            "Exec lifecycle hook ([[REDACTED]]) for Container \"a\" in Pod \"b\" failed - error: command '[REDACTED]' exited with 1: , message: \"\"",
        ),
        (
            "Exec lifecycle hook ([]) for Container \"a\" failed",
            "Exec lifecycle hook ([]) for Container \"a\" failed",
        ),
        (
            "exec: \"mysql -phunter2\": executable file not found in $PATH",
            "exec: \"[REDACTED]\": executable file not found in $PATH",
        ),
        (
            "exec: \"/bin/sh\": stat /bin/sh: no such file or directory",
            "exec: \"/bin/sh\": stat /bin/sh: no such file or directory",
        ),
        (
            "admission webhook \"v.example.com\" denied the request: [limits] container <app> has no memory limit",
            "admission webhook \"v.example.com\" denied the request: [limits] container <app> has no memory limit",
        ),
        ("Successfully assigned shop/web-1 to node-00", "Successfully assigned shop/web-1 to node-00"),
        (
            "MountVolume.SetUp failed for volume \"c\" : secret \"db\" not found",
            "MountVolume.SetUp failed for volume \"c\" : secret \"db\" not found",
        ),
    ] {
        assert_eq!(masked(text, false), expected);
    }
}

fn masked_path(text: &str) -> String {
    let mut masked = Masked { text, out: String::new(), at: 0, spans: 0 };
    field_path(text.as_bytes(), &mut masked);
    masked.out + text.get(masked.at..).expect("a span cuts a character")
}

#[test]
fn paths_of_fields() {
    for path in [
        "",
        "<nil>",
        "patch",
        "metadata.name",
        "spec.containers[0].env[12].valueFrom",
        "metadata.annotations[kubernetes.io/service-account.name]",
        "data[.dockerconfigjson]",
        ".spec.replicas",
        "spec.x-kubernetes_y",
        "data[[REDACTED]]",
    ] {
        assert_eq!(masked_path(path), path);
    }
    for (path, expected) in [
        ("data[hunter2]", "data[[REDACTED]]"),
        ("data[1234]", "data[[REDACTED]]"),
        ("stringData[hun]ter[2]", "stringData[[REDACTED]]"),
        ("spec.limits[hunter2].x", "spec.limits[[REDACTED]].x"),
        ("spec.containers[0][hunter2]", "spec.containers[0][[REDACTED]]"),
        (".data.hunter2", ".data.[REDACTED]"),
        (".metadata.labels.hunter2/x", ".metadata.labels.[REDACTED]"),
        ("hunter 2", "[REDACTED]"),
        ("spec.hunter 2", "spec.[REDACTED]"),
        ("data[hunter2", "data[[REDACTED]"),
        ("data[x]hunter2", "data[[REDACTED]"),
        ("a[x].hunter 2", "a[[REDACTED]].[REDACTED]"),
        ("[REDACTED]hunter2", "[[REDACTED]"),
    ] {
        let once = masked_path(path);
        assert_eq!(once, expected);
        assert_eq!(masked_path(&once), once);
    }
}

#[test]
fn reasons() {
    assert!(is_reason(b"FieldValueInvalid"));
    assert!(is_reason(&[b'a'; 64]));
    for reason in ["", "hunter2", "Two Words", "[REDACTED]", "É"] {
        assert!(!is_reason(reason.as_bytes()));
    }
    assert!(!is_reason(&[b'a'; 65]));
}

/// A text as Go's `%q` writes it.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Secrets of every kind, recognisable in an output.
fn secret() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(
        &[
            "\"",
            "\\",
            "'",
            "`",
            ": ",
            ", ",
            "]",
            "[",
            "}",
            "{",
            "|",
            "\n",
            "=",
            "://",
            "@",
            " (",
            ")",
            "ü",
            "REDACTED",
            "[REDACTED]",
            "Invalid value: ",
            "field is immutable",
            " not found",
            "x",
            " ",
            "kind",
            "Secret",
        ][..],
    );
    (prop::collection::vec(parts.clone(), 0..4), prop::collection::vec(parts, 0..4))
        .prop_map(|(before, behind)| before.concat() + "QzHunter2" + &behind.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_secret_survives_in_a_text_about_secrets(secret in secret(), before in secret(), place in 0..12_usize) {
        let q = quoted(&secret);
        let text = match place {
            0 => secret.clone(),
            1 => [" \"\" is invalid: patch: Invalid value: ", &quoted(&q), ": illegal base64 data at input byte 6"].concat(),
            2 => ["Invalid value: ", &q, ": ", &quoted(&before)].concat(),
            3 => ["Secret \"a\" is invalid: data[", &secret, "]: Invalid value: ", &q, ": ", CONFIG_KEY].concat(),
            4 => ["admission webhook \"a.b\" denied the request: ", &secret].concat(),
            5 => ["secrets ", &q, " not found"].concat(),
            6 => ["secrets \"a\" is forbidden: ", &secret].concat(),
            7 => ["failed to create typed patch object (a/b; /v1, Kind=Secret): .data.", &secret, ": expected string, got &{", &secret].concat(),
            8 => ["Secret in version \"v1\" cannot be handled as a Secret: v1.Secret.Data: x, error found in #10 byte of ...|", &secret, "|..."].concat(),
            9 => ["the object provided is unrecognized (must be of type Secret): ", &secret, " (", &secret, ")"].concat(),
            10 => [before.as_str(), &secret].concat(),
            _ => ["[metadata.labels: Invalid value: ", &q, ": field is immutable, type: Invalid value: ", &quoted(&before), "]"].concat(),
        };
        prop_assert!(!masked(&text, true).contains("QzHunter2"), "{}", text);
    }

    #[test]
    fn no_echo_survives_in_another_text(secret in secret(), place in 0..8_usize) {
        let q = quoted(&secret);
        let text = match place {
            0 => ["Pod \"a\" is invalid: spec.x: Invalid value: ", &q, ": must be shorter"].concat(),
            1 => ["[spec.x: Duplicate value: ", &q, ", spec.y: Unsupported value: ", &q, ": supported values: \"a\"]"].concat(),
            2 => ["spec.x: Invalid value: {\"a\":[", &q, "]}: field is immutable"].concat(),
            3 => ["spec.x: Invalid value: core.Pod{A:map[string]string{\"a\":", &q, "}, B:(*int)(nil)}: field is immutable"].concat(),
            4 => ["spec: Forbidden: updates are not allowed\n", &secret].concat(),
            5 => ["x, error found in #9 byte of ...|", &secret, "|..., bigger context ...|", &secret, "|..."].concat(),
            6 => ["{\"password\":", &q, ",\"a\":1}"].concat(),
            _ => ["denied: ", &quoted(&["{\"data\":{\"a\":", &q, "}}"].concat())].concat(),
        };
        prop_assert!(!masked(&text, false).contains("QzHunter2"), "{}", text);
    }

    #[test]
    fn any_path_is_left_alone_the_second_time(parts in prop::collection::vec(prop::sample::select(&["data", "a", ".", "[", "]", "1", "[REDACTED]", " "][..]), 0..12)) {
        let once = masked_path(&parts.concat());
        prop_assert_eq!(masked_path(&once), once);
    }

    #[test]
    fn any_mixture_is_left_alone_the_second_time(parts in prop::collection::vec(prop::sample::select(FRAGMENTS), 0..12), about: bool) {
        masked(&parts.concat(), about);
    }
}

const FRAGMENTS: &[&str] = &[
    "Invalid value: ",
    "Duplicate value: ",
    "Not found: ",
    "Forbidden: ",
    ": ",
    "\"",
    "\\\"",
    "\\",
    "[REDACTED]",
    "[",
    "]",
    "{",
    "}",
    "|",
    "\n",
    "=",
    "==",
    "password",
    "\"password\":",
    "token=",
    "Bearer ",
    "Authorization: ",
    "https://",
    "a:b/c@d",
    "@",
    "/",
    " byte of ...|",
    "hmac:k:00112233445566778899aabbccddeeff",
    "hunter2",
    "hunter2: ",
    "Secret \"a\" is invalid: ",
    "secrets \"a\" is forbidden: ",
    "data[x]",
    ": expected map, got ",
    "exec: \"",
    "lifecycle hook ([",
    "]) for ",
    "error: command '",
    "' exited with",
    "`",
    "cannot unmarshal !!str `",
    "` into ",
    "(must be of type Pod): ",
    "unrecognized ",
    " (",
    ")",
    "null",
    "12",
    "\"object\"",
    ", ",
    "field is immutable",
    "kind: Secret",
    "stringData",
    " \"\" is invalid: patch: ",
    "json: ",
    "map[",
    "&{",
    "failed to create typed patch object (a/b; /v1, Kind=Secret): ",
    ".data.x",
    "\"string\": ",
    "failed rule: ",
    "a in body is required",
    "a",
    "parsing ",
    "\"data\":",
    "userextras",
    " : ",
    ":=",
    "\\n",
    "value: ",
    "Invalid value:",
    "abcd",
    "cannot unmarshal ",
    "Authorization",
    "map[a:",
    "\\u0061",
];

/// Texts that send a rule to the end of the text again and again, unless it remembers what it found there.
fn hostile(count: usize) -> Vec<String> {
    let numbered = |make: fn(usize) -> String| (0..count).map(make).collect();
    let mut texts: Vec<String> = FRAGMENTS
        .iter()
        .chain(&[
            "a=x",
            "a: Invalid value: \"string\": failed rule: x, ",
            "a: Invalid value: \"string\": a in body is required, ",
            "x: cannot unmarshal !!",
            "x: cannot unmarshal number ",
            "Bearer abBearer",
            "a: Invalid value: {\"a\":1}: x, ",
            "a: Invalid value: [",
            "exec: \"a\": ",
            "https://a/b?c=d&",
            "\"value\":hmac:",
            "password=\\",
            "secrets=5",
            "unrecognized (must be of type x):",
            "a: command '",
            "a: parsing \"",
            "kind",
            "Secret",
            "password:/etc/",
            "password:\n",
            "password: ",
            "password=a\"",
            "\"data\" : ",
            "\"data\":\\n",
            "u00",
            "cannot unmarshal ",
            "value: ",
            "kind:  \\n",
        ])
        .map(|fragment| fragment.repeat(count))
        .collect();
    texts.push(numbered(|index| format!("a: Invalid value: \"val{index:06}\": x, ")));
    texts.push(numbered(|index| format!("a: Invalid value: val{index:06}: x, ")));
    texts.push(numbered(|index| format!("data[val{index:06}]: Invalid value: \"x\": field is immutable, ")));
    texts
}

#[test]
fn work_grows_with_the_text_and_not_faster() {
    for (half, whole) in hostile(400).into_iter().zip(hostile(800)) {
        for (about_secret, start) in [
            (false, ""),
            (false, "a: Invalid value: \"hunter\": "),
            (true, ""),
            (true, "Secret \"a\" is invalid: ["),
            (true, "error decoding patch: "),
        ] {
            let work = |text: &str| {
                let text = [start, text].concat();
                counted(|| {
                    let mut masked = Masked { text: &text, out: String::new(), at: 0, spans: 0 };
                    status_message(text.as_bytes(), about_secret, &mut masked);
                })
            };
            let (few, many) = (work(&half), work(&whole));
            assert!(many <= few * 9 / 4 + 4096, "{few} {many} for {start}{half:.60}");
        }
    }
}

#[test]
fn hostile_repetition_takes_linear_time() {
    // Anything quadratic would take hours here.
    for fragment in FRAGMENTS.iter().chain(&["hunter ", "a://", "=a", "Forbidden: a", "\"data\":{"]) {
        for about_secret in [false, true] {
            let text = fragment.repeat(30_000_usize.div_euclid(fragment.len()));
            masked(&text, about_secret);
            masked(
                &["secrets \"a\" is forbidden: \"hunter\": Invalid value: \"hunter\": ", &text].concat(),
                about_secret,
            );
        }
    }
}
