//! What detections refer to exists: techniques of MITRE ATT&CK, and controls of three standards.
//!
//! Sources: ATT&CK 18.1 for enterprises, as of 13 November 2025 (mitre/cti, commit 421deac), of which the techniques that are neither
//! revoked nor deprecated; the CIS Kubernetes Benchmark 1.10, as kube-bench numbers it (`cfg/cis-1.10` of aquasecurity/kube-bench, commit
//! a73ce37); PCI DSS 4.0.1; the Trust Services Criteria of 2017 with their points of focus of 2022.

use super::file;
use auditveil_core::enrich::detections::ABOUT;
use std::collections::BTreeSet;

/// Techniques, each with its name.
const TECHNIQUES: &[(&str, &str)] = &[
    ("T1036.005", "Match Legitimate Resource Name or Location"),
    ("T1040", "Network Sniffing"),
    ("T1046", "Network Service Discovery"),
    ("T1053.007", "Container Orchestration Job"),
    ("T1059", "Command and Scripting Interpreter"),
    ("T1059.004", "Unix Shell"),
    ("T1059.013", "Container CLI/API"),
    ("T1068", "Exploitation for Privilege Escalation"),
    ("T1069", "Permission Groups Discovery"),
    ("T1070", "Indicator Removal"),
    ("T1078", "Valid Accounts"),
    ("T1078.001", "Default Accounts"),
    ("T1090", "Proxy"),
    ("T1098", "Account Manipulation"),
    ("T1098.006", "Additional Container Cluster Roles"),
    ("T1105", "Ingress Tool Transfer"),
    ("T1133", "External Remote Services"),
    ("T1136", "Create Account"),
    ("T1190", "Exploit Public-Facing Application"),
    ("T1204.003", "Malicious Image"),
    ("T1485", "Data Destruction"),
    ("T1489", "Service Stop"),
    ("T1499", "Endpoint Denial of Service"),
    ("T1525", "Implant Internal Image"),
    ("T1528", "Steal Application Access Token"),
    ("T1543.005", "Container Service"),
    ("T1546", "Event Triggered Execution"),
    ("T1548", "Abuse Elevation Control Mechanism"),
    ("T1548.005", "Temporary Elevated Cloud Access"),
    ("T1550.001", "Application Access Token"),
    ("T1552", "Unsecured Credentials"),
    ("T1552.001", "Credentials In Files"),
    ("T1552.005", "Cloud Instance Metadata API"),
    ("T1552.007", "Container API"),
    ("T1562", "Impair Defenses"),
    ("T1562.001", "Disable or Modify Tools"),
    ("T1565.001", "Stored Data Manipulation"),
    ("T1572", "Protocol Tunneling"),
    ("T1595", "Active Scanning"),
    ("T1609", "Container Administration Command"),
    ("T1610", "Deploy Container"),
    ("T1611", "Escape to Host"),
    ("T1613", "Container and Resource Discovery"),
];

/// Recommendations of the benchmark, of sections that an event can have to do with: the last number of each.
const CIS: &[(&str, u32)] =
    &[("1.2", 29), ("3.2", 2), ("5.1", 13), ("5.2", 13), ("5.3", 2), ("5.4", 2), ("5.5", 1), ("5.7", 4)];

/// Requirements that an audit log has to do with.
const PCI: &[&str] = &[
    "4.2", "7.2", "8.3.2", "10.2.1.1", "10.2.1.2", "10.2.1.3", "10.2.1.4", "10.2.1.5", "10.2.1.6",
    "10.2.1.7", "10.2.2", "10.3",
];

/// Common criteria on access, operations and change.
const SOC2: &[&str] = &[
    "CC6.1", "CC6.2", "CC6.3", "CC6.4", "CC6.5", "CC6.6", "CC6.7", "CC6.8", "CC7.1", "CC7.2", "CC7.3",
    "CC7.4", "CC7.5", "CC8.1",
];

#[test]
fn techniques_are_those_of_attack() {
    let named: BTreeSet<&str> = ABOUT.iter().flat_map(|about| about.techniques).copied().collect();
    let known: BTreeSet<&str> = TECHNIQUES.iter().map(|(id, _)| *id).collect();
    assert_eq!(named, known, "left: the detections; right: the techniques that are listed here");
    assert!(TECHNIQUES.iter().all(|(_, name)| !name.is_empty()) && TECHNIQUES.is_sorted());
    assert!(file("docs/detections.md").unwrap().contains("MITRE ATT&CK 18.1"));
}

#[test]
fn controls_are_those_of_their_standards() {
    for control in ABOUT.iter().flat_map(|about| about.controls) {
        let (standard, id) = control.split_once(' ').unwrap();
        let known = match standard {
            "CIS" => {
                let (section, number) = id.rsplit_once('.').unwrap();
                let last = CIS.iter().find(|(known, _)| *known == section).map(|(_, last)| *last);
                number.parse().is_ok_and(|number: u32| number > 0 && Some(number) <= last)
            }
            "PCI" => PCI.contains(&id),
            "SOC2" => SOC2.contains(&id),
            _ => false,
        };
        assert!(known, "{control}");
    }
    let page = file("docs/detections.md").unwrap();
    assert!(page.contains("CIS Kubernetes Benchmark 1.10") && page.contains("PCI DSS 4.0.1"));
}
