//! `fastmpnn weights info`: the contents of a checkpoint.

use std::collections::BTreeMap;

use anyhow::Result;
use fastmpnn_pipeline::fastmpnn::weights::{Checkpoint, PublishedCheckpoint};
use serde::Serialize;

use super::printing::{print, print_json};
use crate::args::weights::InfoArgs;
use crate::columns::Columns;

#[derive(Serialize)]
struct Description {
    name: String,
    /// The published checkpoint with these bytes, or from which this one was converted.
    published: Option<&'static str>,
    family: &'static str,
    #[serde(rename = "neighbours")]
    neighbors: usize,
    noise_angstrom: Option<f64>,
    context_atoms: Option<usize>,
    encoder_layers: usize,
    decoder_layers: usize,
    tensors: usize,
    numbers: usize,
    sha256: String,
    metadata: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shapes: Option<BTreeMap<String, Vec<usize>>>,
}

pub(super) fn run(args: &InfoArgs) -> Result<()> {
    let named = args.file.to_str().filter(|_| !args.file.exists()).and_then(PublishedCheckpoint::named);
    let checkpoint = match named {
        Some(known) => known.load()?,
        None => Checkpoint::open(&args.file)?,
    };
    let description = Description::of(&checkpoint, args.tensors)?;
    if args.json {
        return print_json(&description);
    }
    print(&description.text())
}

impl Description {
    fn of(checkpoint: &Checkpoint, with_shapes: bool) -> Result<Description> {
        let hashes = [Some(checkpoint.sha256()), checkpoint.metadata("source_sha256")];
        let names = checkpoint.tensor_names();
        let mut shapes = BTreeMap::new();
        for &name in &names {
            shapes.insert(name.to_owned(), checkpoint.tensor(name)?.shape.clone());
        }
        let metadata = checkpoint.all_metadata();
        Ok(Description {
            name: checkpoint.name().to_owned(),
            published: hashes.into_iter().flatten().find_map(PublishedCheckpoint::with_sha256).map(|known| known.name),
            family: checkpoint.family()?.name(),
            neighbors: checkpoint.neighbors()?,
            noise_angstrom: checkpoint.noise(),
            context_atoms: checkpoint.context_atoms()?,
            encoder_layers: checkpoint.layers("encoder_layers"),
            decoder_layers: checkpoint.layers("decoder_layers"),
            tensors: names.len(),
            numbers: checkpoint.numbers(),
            sha256: checkpoint.sha256().to_owned(),
            metadata: metadata.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            shapes: with_shapes.then_some(shapes),
        })
    }

    fn text(&self) -> String {
        let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let mut table = Columns::new(["name", &self.name]);
        for (key, value) in [
            ("published as", or_dash(self.published.map(str::to_owned))),
            ("family", self.family.to_owned()),
            ("neighbors, K", self.neighbors.to_string()),
            ("training noise, Å", or_dash(self.noise_angstrom.map(|noise| noise.to_string()))),
            ("context atoms, A", or_dash(self.context_atoms.map(|count| count.to_string()))),
            ("encoder layers", self.encoder_layers.to_string()),
            ("decoder layers", self.decoder_layers.to_string()),
            ("tensors", self.tensors.to_string()),
            ("numbers", self.numbers.to_string()),
            ("SHA-256", self.sha256.clone()),
        ] {
            table.push([key.to_owned(), value]);
        }
        for (key, value) in &self.metadata {
            let shown = ["name", "family", "neighbours", "noise_angstrom", "context_atoms"];
            if !shown.contains(&key.as_str()) && !["encoder_layers", "decoder_layers"].contains(&key.as_str()) {
                // A file's metadata may contain any characters.
                table.push([key.escape_debug().to_string(), value.replace(char::is_control, " ")]);
            }
        }
        let mut text = table.to_string();
        if let Some(shapes) = &self.shapes {
            let mut table = Columns::new(["tensor", "shape"]);
            for (name, shape) in shapes {
                table.push([name.escape_debug().to_string(), format!("{shape:?}")]);
            }
            text.push('\n');
            text.push_str(&table.to_string());
        }
        text
    }
}
