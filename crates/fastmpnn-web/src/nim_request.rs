//! Requests of NVIDIA's ProteinMPNN microservice (version 1.2) as tasks.
//!
//! Its dictionaries are those of ProteinMPNN's own scripts, as texts. They name the structure, which has no name here: a
//! dictionary of one structure is taken to be of the one that was sent.

use fastmpnn_pipeline::fastmpnn::weights::ModelKind;
use fastmpnn_pipeline::request::{DesignRequest, NetworkSettings};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::limits::Limits;
use crate::problem::Problem;
use crate::task::{File, Task};

/// The name of the structure, as in the microservice's FASTA text.
const NAME: &str = "input";

/// A request of NVIDIA's ProteinMPNN microservice. Null is the same as nothing.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(deny_unknown_fields)]
pub(crate) struct NimRequest {
    /// The structure, PDB or mmCIF, as text.
    input_pdb: Option<String>,
    /// An asset of NVIDIA's cloud, which this service does not have.
    input_pdb_asset: Option<String>,
    /// The chains to design; all where there are none.
    input_pdb_chains: Option<Vec<String>>,
    /// Whether the network sees CA atoms alone.
    ca_only: Option<bool>,
    /// Whether the network is the one for soluble proteins.
    use_soluble_model: Option<bool>,
    /// The seed of all random numbers; 37 where there is none.
    random_seed: Option<u64>,
    /// The number of designs for each temperature.
    #[schemars(range(min = 1, max = 100))]
    num_seq_per_target: Option<u64>,
    /// Sampling temperatures; 0.1 where there are none.
    sampling_temp: Option<Vec<f32>>,
    /// Profiles by chain, as `make_pssm_input_dict.py` writes them.
    pssm_jsonl: Option<String>,
    /// How much the profile counts, from 0 to 1; used with `pssm_bias_flag`.
    pssm_multi: Option<f32>,
    /// The least log odds of letters that may be drawn; used with `pssm_log_odds_flag`.
    pssm_threshold: Option<f32>,
    /// Whether log odds decide which letters may be drawn.
    pssm_log_odds_flag: Option<bool>,
    /// Whether the profile is mixed in.
    pssm_bias_flag: Option<bool>,
    /// Fixed positions by chain, as `make_fixed_positions_dict.py` writes them.
    fixed_positions_jsonl: Option<String>,
    /// Letters that are never drawn, as a list or as one text.
    #[serde(rename = "omit_AAs")]
    omit_aas: Option<Letters>,
    /// Letters that are never drawn at some positions, as `make_omit_AA.py` writes them.
    #[serde(rename = "omit_AA_jsonl")]
    omit_aa_jsonl: Option<String>,
    /// Biases of letters, as `make_bias_AA.py` writes them.
    #[serde(rename = "bias_AA_jsonl")]
    bias_aa_jsonl: Option<String>,
    /// Biases of letters at positions, as `make_bias_per_res_dict.py` writes them.
    bias_by_res_jsonl: Option<String>,
    /// Positions with one letter, as `make_tied_positions_dict.py` writes them.
    tied_positions_jsonl: Option<String>,
}

/// Letters as a list or as one text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "letters are a text such as \"CM\" or a list such as [\"C\", \"M\"]")]
enum Letters {
    Text(String),
    List(Vec<String>),
}

impl NimRequest {
    /// Reads the body of a request.
    pub(crate) fn task(body: Map<String, Value>, limits: &Limits) -> Result<Task, Problem> {
        let request: NimRequest =
            serde_json::from_value(Value::Object(body)).map_err(|error| Problem::unprocessable(error.to_string()))?;
        request.into_task(limits)
    }

    fn into_task(self, limits: &Limits) -> Result<Task, Problem> {
        let wrong =
            |setting: &str, reason: &str| Problem::unprocessable(format!("{setting}: {reason}")).of_setting(setting);
        if self.input_pdb_asset.is_some() {
            return Err(wrong("input_pdb_asset", "this service has no assets: send the structure as input_pdb"));
        }
        let text = self.input_pdb.filter(|text| !text.trim().is_empty());
        let text = text.ok_or_else(|| wrong("input_pdb", "there is no structure"))?;
        // The name without an ending is the one that it is called by.
        let mut files = vec![File { name: NAME.to_owned(), text }];
        let mut design = DesignRequest::default();
        design.input.inputs = vec![NAME.into()];
        let sampling = &mut design.sampling;
        sampling.num_seqs = self.num_seq_per_target.unwrap_or(1);
        if !(1..=100).contains(&sampling.num_seqs) {
            return Err(wrong("num_seq_per_target", "is between 1 and 100"));
        }
        if let Some(temperatures) = self.sampling_temp.filter(|temperatures| !temperatures.is_empty()) {
            sampling.temperature = temperatures;
        }
        sampling.seed = self.random_seed.unwrap_or(sampling.seed);
        design.network = NetworkSettings {
            model: match (self.ca_only.unwrap_or(false), self.use_soluble_model.unwrap_or(false)) {
                (false, false) => ModelKind::Protein,
                (false, true) => ModelKind::Soluble,
                (true, false) => ModelKind::Ca,
                (true, true) => return Err(wrong("ca_only", "there is no network of CA atoms for soluble proteins")),
            },
            ..NetworkSettings::default()
        };
        design.residues.chains =
            self.input_pdb_chains.filter(|chains| !chains.is_empty()).map(|chains| chains.join(","));
        design.letters.omit = match self.omit_aas {
            None => String::new(),
            Some(Letters::Text(letters)) => letters,
            Some(Letters::List(letters)) => letters.concat(),
        };
        let dictionaries = [
            ("fixed_positions_jsonl", "fixed_positions", self.fixed_positions_jsonl),
            ("tied_positions_jsonl", "tied_positions", self.tied_positions_jsonl),
            ("omit_AA_jsonl", "omit_AA", self.omit_aa_jsonl),
            ("bias_AA_jsonl", "bias_AA", self.bias_aa_jsonl),
            ("bias_by_res_jsonl", "bias_by_res", self.bias_by_res_jsonl),
        ];
        for (setting, kind, text) in dictionaries {
            let Some(text) = text.filter(|text| !text.trim().is_empty()) else { continue };
            let text = if kind == "bias_AA" { text } else { of_input(setting, &text)? };
            design.dictionary.push(format!("{kind}={setting}"));
            files.push(File { name: setting.to_owned(), text });
        }
        let weight = self.pssm_bias_flag.unwrap_or(false).then_some(self.pssm_multi.unwrap_or(0.0));
        let threshold = self.pssm_log_odds_flag.unwrap_or(false).then_some(self.pssm_threshold.unwrap_or(0.0));
        if let (Some(text), true) = (self.pssm_jsonl, weight.is_some() || threshold.is_some()) {
            let text = of_input("pssm_jsonl", &text)?;
            design.dictionary.push("pssm=pssm_jsonl".to_owned());
            design.dictionary.extend(weight.map(|weight| format!("pssm_multi={weight}")));
            design.dictionary.extend(threshold.map(|threshold| format!("pssm_threshold={threshold}")));
            files.push(File { name: "pssm_jsonl".to_owned(), text });
        }
        Task::for_nim(design, files, limits)
    }
}

/// The dictionary of one structure as one of the structure that was sent.
fn of_input(setting: &str, text: &str) -> Result<String, Problem> {
    let mut all = Map::new();
    for line in serde_json::Deserializer::from_str(text).into_iter::<Map<String, Value>>() {
        let wrong = |error| Problem::unprocessable(format!("{setting}: is no dictionary as JSON: {error}"));
        all.extend(line.map_err(|error| wrong(error).of_setting(setting))?);
    }
    if all.len() == 1
        && let Some((_, entry)) = all.iter().next()
    {
        let entry = entry.clone();
        all = Map::from_iter([(NAME.to_owned(), entry)]);
    }
    Ok(Value::Object(all).to_string())
}
