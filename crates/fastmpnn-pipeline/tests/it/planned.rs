//! Plans without a network, and samples that several runs share.

use fastmpnn_pipeline::design;
use fastmpnn_pipeline::request::{DesignRequest, Request};
use fastmpnn_pipeline::run::{LoadEngines, Resources, Values, planned};

use crate::collector::{Collector, example, with_resources};

fn request(settings: &str) -> DesignRequest {
    let path = example("5L33.pdb").display().to_string();
    DesignRequest::from_json(&format!(r#"{{ "inputs": [{path:?}], {settings} }}"#)).unwrap()
}

#[test]
fn runs_that_share_the_samples_make_the_same_designs() {
    let mut engines = LoadEngines::default();
    let mut designed = |first_sample: u64, count: u64| {
        let request = request(&format!(r#""num_seqs": {count}, "fix": ["A4-20"], "temperature": [0.1, 0.3]"#));
        let mut values = Values::default();
        values.first_sample = first_sample;
        let mut heard = Collector::default();
        let mut resources = Resources::new(fastmpnn_pipeline::input::Sources::disk(), &mut engines).with_values(values);
        design(&request, &mut resources, &mut heard).unwrap();
        heard.designs
    };
    let all = designed(0, 5);
    assert_eq!(all.len(), 10);
    let mut parts = [designed(0, 2), designed(2, 1), designed(3, 2)].concat();
    parts.sort_by_key(|result| (result.design.temperature.to_bits(), result.design.sample));
    assert_eq!(parts, all);
}

#[test]
fn a_plan_needs_no_network() {
    let plan =
        |request: &DesignRequest| with_resources(|resources| planned(request, resources, &mut Collector::default()));
    let found = plan(&request(r#""fix": ["A4-6"]"#)).unwrap();
    assert_eq!((found.plan.designed_count(), found.structure.residues.len()), (103, 106));
    assert!(found.summary.ends_with("(103 residues); fixes A4-6 (3 residues)"), "{}", found.summary);
    assert!(plan(&request(r#""fix": ["A900"]"#)).unwrap_err().to_string().contains("A900"));
    assert_eq!(plan(&DesignRequest::default()).unwrap_err().to_string(), "inputs: there is none");
}
