//! Settings that mean something on the server's disk are refused; those that name files mean files of the request.

use fastmpnn_pipeline::fastmpnn::weights::{ModelKind, PublishedCheckpoint};
use fastmpnn_pipeline::request::Request;
use serde_json::{Map, Value};

use super::files::File;
use crate::problem::Problem;

const READS: &str = "means files of the server, which a request cannot read: send them in files";
const WRITES: &str = "writes files on the server, which a request cannot: results are in the answer";

/// The settings that no request may have, and why.
pub(crate) const REFUSED: [(&str, &str); 16] = [
    ("manifest", READS),
    ("recursive", READS),
    ("fasta_dir", READS),
    ("checkpoint", "is a file of the server, which a request cannot read: model and noise choose a network"),
    ("out", WRITES),
    ("overwrite", WRITES),
    ("structures", WRITES),
    ("table", WRITES),
    ("part_rows", WRITES),
    ("resume", WRITES),
    ("shard", WRITES),
    ("logo", WRITES),
    ("report", WRITES),
    ("logo_axis", WRITES),
    ("matrix", WRITES),
    ("heat_map", WRITES),
];

/// The settings that are the name of a file of the request.
const OF_A_FILE: [&str; 3] = ["fasta", "membrane_labels", "trb"];

/// Whether no request may have a setting.
pub(crate) fn is_refused(setting: &str) -> bool {
    REFUSED.iter().any(|(name, _)| *name == setting)
}

/// The request of a body without its files. Its inputs are those that it names, or all files that nothing else names.
pub(super) fn read<R: Request>(mut body: Map<String, Value>, files: &[File]) -> Result<R, Problem> {
    let defaults = serde_json::to_value(R::default()).unwrap_or_default();
    for (setting, why) in REFUSED {
        let given = body.get(setting).filter(|value| !value.is_null());
        if given.is_some_and(|value| *value != defaults[setting]) && defaults.get(setting).is_some() {
            return Err(Problem::unprocessable(format!("{setting} {why}")).of_setting(setting));
        }
    }
    let mut named: Vec<&str> = Vec::new();
    for setting in OF_A_FILE {
        if let Some(Value::String(name)) = body.get(setting) {
            named.push(of_request(setting, name, files)?);
        }
    }
    for text in body.get("dictionary").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if let Some((_, name)) = text.split_once('=') {
            named.extend(files.iter().map(|file| file.name.as_str()).filter(|file| *file == name.trim()));
        }
    }
    let inputs = match body.get("inputs").filter(|inputs| !inputs.is_null()) {
        None => files.iter().map(|file| file.name.as_str()).filter(|name| !named.contains(name)).collect(),
        Some(inputs) => inputs_of(inputs, files)?,
    };
    if inputs.is_empty() {
        return Err(Problem::unprocessable("files: none of them is a structure").of_setting("files"));
    }
    body.insert("inputs".to_owned(), inputs.into());
    check_packer(&body)?;
    let request: R =
        serde_json::from_value(Value::Object(body)).map_err(|error| Problem::unprocessable(error.to_string()))?;
    request.check().map_err(|error| Problem::of_pipeline(&error))?;
    Ok(request)
}

/// The names of the structures, which are files of the request.
fn inputs_of<'f>(inputs: &Value, files: &'f [File]) -> Result<Vec<&'f str>, Problem> {
    let wrong = || Problem::unprocessable("inputs: expected a list of names of files").of_setting("inputs");
    let names = inputs.as_array().ok_or_else(wrong)?;
    let mut inputs = Vec::new();
    for name in names {
        let name = of_request("inputs", name.as_str().ok_or_else(wrong)?, files)?;
        if inputs.contains(&name) {
            return Err(Problem::unprocessable(format!("inputs: {name:?} is given twice")).of_setting("inputs"));
        }
        inputs.push(name);
    }
    Ok(inputs)
}

/// The file of the request that a setting names.
fn of_request<'f>(setting: &str, name: &str, files: &'f [File]) -> Result<&'f str, Problem> {
    let found = files.iter().find(|file| file.name == name);
    found.map(|file| file.name.as_str()).ok_or_else(|| {
        let detail = format!("{setting} {name:?}: there is no such file in files, and a request can read no others");
        Problem::unprocessable(detail).of_setting(setting)
    })
}

/// Refuses a packer that is a file.
fn check_packer(body: &Map<String, Value>) -> Result<(), Problem> {
    let Some(name) = body.get("packer").and_then(Value::as_str) else { return Ok(()) };
    match PublishedCheckpoint::named(name) {
        Some(known) if known.model == ModelKind::Packer => Ok(()),
        _ => {
            let detail =
                format!("packer {name:?}: is no published packer, and a request can read no files of the server");
            Err(Problem::unprocessable(detail).of_setting("packer"))
        }
    }
}

#[cfg(test)]
mod tests {
    use fastmpnn_pipeline::request::{DesignRequest, PackRequest, ProbsRequest, ScanRequest, ScoreRequest};

    use super::*;

    /// Settings that mean nothing on a disk. `dictionary` and selections name files, and those are the request's alone.
    const HARMLESS: [&str; 57] = [
        "altloc",
        "assembly",
        "bias",
        "bias_at",
        "by",
        "chain_separator",
        "chains",
        "charge",
        "count",
        "cyclic",
        "denoising_steps",
        "descending",
        "dictionary",
        "double",
        "filter",
        "fix",
        "gaps",
        "homo_oligomer",
        "inputs",
        "leave_out_unoccupied",
        "ligand",
        "ligand_cutoff",
        "membrane_buried",
        "membrane_global",
        "membrane_interface",
        "min_distance",
        "mode",
        "model",
        "model_number",
        "motif",
        "mutations",
        "no_ligand",
        "no_motif",
        "noise",
        "num_orders",
        "num_packs",
        "num_samples",
        "num_seqs",
        "omit",
        "omit_at",
        "order",
        "pack",
        "packer",
        "pdb_labels",
        "per_residue",
        "precision",
        "probabilities",
        "redesign",
        "repack",
        "repack_everything",
        "rescore_orders",
        "seed",
        "side_chain_context",
        "state_weights",
        "states",
        "structure_format",
        "temperature",
    ];

    #[test]
    fn what_every_setting_may_do_is_known() {
        let requests = [
            DesignRequest::fields(),
            ScoreRequest::fields(),
            ProbsRequest::fields(),
            ScanRequest::fields(),
            PackRequest::fields(),
        ];
        let known = |name: &String| {
            let name = name.as_str();
            is_refused(name) || OF_A_FILE.contains(&name) || HARMLESS.contains(&name) || matches!(name, "tie" | "top")
        };
        let unknown: Vec<String> = requests.into_iter().flatten().filter(|name| !known(name)).collect();
        assert!(unknown.is_empty(), "may a request have them, or do they read or write on the server? {unknown:?}");
    }
}
