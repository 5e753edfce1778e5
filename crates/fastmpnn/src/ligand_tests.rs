//! LigandMPNN against the published code: which atoms residues see, the context encoder layer by layer, and ln p with
//! ligands, without, and with the side chains of fixed residues. `reference/make_ligand_goldens.py` made the files. A
//! small random network is committed; the published ones are skipped where they are absent.

use fastmpnn_kernels::Kernels;

use crate::chemistry::{Letter, VOCABULARY};
use crate::featurize::ligand_distances;
use crate::golden_tests::{Case, Golden, STATES, each_path, each_vector_path, root};
use crate::model::Precision;
use crate::published_checkpoint::published;
use crate::score::log_likelihood;
use crate::structure::Point;
use crate::weights::Checkpoint;
use crate::weights::Family;

/// The atoms each residue sees, sorted. `[N]`
type Context = Vec<Vec<(Point, u8)>>;

impl Golden {
    fn points(&self, key: &str) -> Vec<Point> {
        self.floats(key).chunks_exact(3).map(|point| [point[0], point[1], point[2]]).collect()
    }

    fn context(&self, prefix: &str) -> Context {
        let key = |name: &str| format!("{prefix}{name}");
        let elements: Vec<u8> = self.tensor(&key("atom_element"), |byte| byte[0], 1);
        let atoms: Vec<(Point, u8)> = self.points(&key("atom_position")).into_iter().zip(elements).collect();
        let seen = self.integers(&key("seen"));
        let width = seen.len() / self.integers("sequence").len();
        let row = |row: &[i32]| row.iter().filter(|&&index| index >= 0).map(|&index| atoms[index as usize]).collect();
        seen.chunks_exact(width).map(|seen| sorted(row(seen))).collect()
    }
}

fn sorted(mut atoms: Vec<(Point, u8)>) -> Vec<(Point, u8)> {
    atoms.sort_by(|a, b| a.partial_cmp(b).expect("finite coordinates"));
    atoms
}

impl Case {
    fn ligand(golden: &str, structure: &str, checkpoint: &Checkpoint, kernels: Kernels) -> Case {
        let case = Case::new(golden, structure, checkpoint, kernels);
        assert_eq!(case.model.config().family, Family::Ligand);
        case
    }

    fn check_residues(&self) {
        let residues = &self.structure.residues;
        let letters: Vec<Letter> = residues.iter().map(|residue| residue.letter).collect();
        assert_eq!(letters, self.golden.letters("sequence"));
        let numbers: Vec<i32> = residues.iter().map(|residue| residue.id.number).collect();
        assert_eq!(numbers, self.golden.integers("residue_number"));
    }

    fn check_context(&self, prefix: &str) {
        let graph = self.graph();
        let context = graph.context.as_ref().expect("a context");
        let expected = self.golden.context(prefix);
        for (residue, expected) in expected.iter().enumerate() {
            let atoms = context.seen(residue).iter().map(|&index| context.atoms()[index as usize]);
            let found = sorted(atoms.map(|atom| (atom.position, atom.element)).collect());
            assert_eq!(&found, expected, "{prefix} context of residue {residue}");
        }
        println!("{prefix} context: {} atoms, equal for all {} residues", context.atoms().len(), expected.len());
    }

    fn check_distances(&self) {
        let distance = ligand_distances(self.model.kernels, &self.structure);
        let near: Vec<bool> = distance.iter().map(|&distance| distance < 8.0).collect();
        assert_eq!(near, self.golden.flags("near_ligand"));
        let expected = self.golden.floats("ligand_distance");
        let worst = distance.iter().zip(&expected).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs() / b));
        assert!(worst <= 1e-6, "distances to ligands are off by {worst:e}");
    }

    /// Places, atoms and residues, layer by layer, and h_V after all of them.
    fn check_stages(&self) {
        let golden = &self.golden;
        let layers = self.model.encoder.layers.len();
        let bare = self.model.encode_to_depth(self.graph(), &self.workers, layers);
        let (graph, context) = (&bare.graph, bare.graph.context.as_ref().expect("a context"));
        let encoder = self.model.context.as_ref().expect("a context encoder");
        let stride = self.model.stride();
        let stages = |residue: usize, depth: usize| {
            let node = &bare.nodes[residue * stride..][..stride];
            encoder.stages(self.model.kernels, graph, context, residue, depth, node)
        };
        let slots = golden.points("slot_position");
        let atom_rows = golden.indexes("atom_rows");
        let per_row = slots.len() / atom_rows.len();
        for depth in 1..=2 {
            let (mut places, mut atoms) = (Vec::new(), Vec::new());
            for (&residue, slots) in atom_rows.iter().zip(slots.chunks_exact(per_row)) {
                let [of_places, of_atoms, _] = stages(residue, depth);
                for slot in slots {
                    // Equal distances leave the order of atoms open.
                    let at = |&index: &u32| context.atoms()[index as usize].position == *slot;
                    let row = context.seen(residue).iter().position(at).expect("the atom is seen");
                    places.extend(self.rows(&of_places, &[row]));
                    atoms.extend(self.rows(&of_atoms, &[row]));
                }
            }
            golden.compare("places", &places, STATES);
            golden.compare(&format!("context.{}.atoms", depth - 1), &atoms, STATES);
            let hidden = golden.indexes("node_rows").into_iter().flat_map(|residue| {
                let [.., hidden] = stages(residue, depth);
                self.rows(&hidden, &[0])
            });
            golden.compare(&format!("context.{}.hidden", depth - 1), &hidden.collect::<Vec<_>>(), STATES);
        }
        let nodes = self.rows(&self.encoding().nodes, &golden.indexes("node_rows"));
        golden.compare("nodes", &nodes, STATES);
    }

    fn log_probs(&self, order: &str) -> Vec<[f32; VOCABULARY]> {
        let forced = (self.golden.letters("sequence"), self.golden.rank(order));
        let logits = self.model.teacher_force(&self.encoding(), &self.workers, &forced.0, &forced.1);
        logits.iter().map(log_likelihood).collect()
    }

    fn check_all(&mut self) {
        self.check_residues();
        self.check_context("");
        self.check_distances();
        self.check_stages();
        self.golden.compare_log_probs("log_probs", &self.log_probs("order"));
        self.environment.ligands = false;
        self.golden.compare_log_probs("log_probs.no_ligand", &self.log_probs("order"));
        self.environment.side_chains_of = self.golden.flags("designed").into_iter().map(|designed| !designed).collect();
        let alone = self.log_probs("side_chains_alone.order");
        self.golden.compare_log_probs("side_chains_alone.log_probs", &alone);
        self.environment.ligands = true;
        self.check_context("side_chains.");
        self.golden.compare_log_probs("side_chains.log_probs", &self.log_probs("side_chains.order"));
    }
}

fn small_network() -> Checkpoint {
    let bytes =
        std::fs::read(root().join("tests/golden/tiny_ligand_1_1_32.safetensors")).expect("the small checkpoint");
    Checkpoint::from_bytes("tiny_ligand", &bytes).expect("a readable checkpoint")
}

#[test]
fn a_small_network_with_other_sizes_equals_the_published_code() {
    each_path(|kernels| {
        let mut case = Case::ligand("tiny_ligand_3MHT", "3MHT", &small_network(), kernels);
        let config = case.model.config();
        assert_eq!((config.hidden, config.neighbors, config.context_atoms), (32, 20, Some(12)));
        case.check_all();
    });
}

#[test]
fn the_published_network_equals_the_published_code_on_dna_and_a_cofactor() {
    published_network("3MHT");
}

#[test]
fn the_published_network_equals_the_published_code_on_metals_and_detergent() {
    published_network("3HTN");
}

fn published_network(structure: &str) {
    let Some(checkpoint) = published("ligandmpnn_v_32_010_25") else { return };
    each_vector_path(|kernels| {
        Case::ligand(&format!("ligand_{structure}"), structure, &checkpoint, kernels).check_all()
    });
}

#[test]
fn networks_of_other_noise_equal_the_published_code() {
    for noise in ["005", "020", "030"] {
        let Some(checkpoint) = published(&format!("ligandmpnn_v_32_{noise}_25")) else { continue };
        each_vector_path(|kernels| {
            for structure in ["3MHT", "3HTN"] {
                let case = Case::ligand(&format!("ligand_{structure}"), structure, &checkpoint, kernels);
                case.golden.compare_log_probs(&format!("log_probs.{noise}"), &case.log_probs("order"));
            }
        });
    }
}

/// As the limits of ProteinMPNN in `golden_tests`; the context encoder is f32 in all of them.
const REDUCED: [(Precision, f32); 3] = [(Precision::Q16, 0.025), (Precision::Bf16, 0.1), (Precision::F16, 0.01)];

#[test]
fn reduced_precisions_stay_near_the_published_code() {
    let Some(checkpoint) = published("ligandmpnn_v_32_010_25") else { return };
    for (precision, bound) in REDUCED {
        each_vector_path(|kernels| {
            let path = kernels.plan();
            let case = Case::in_precision(precision, "ligand_3MHT", "3MHT", &checkpoint, kernels);
            let (found, expected) = (case.log_probs("order").concat(), case.golden.floats("log_probs"));
            let worst = found.iter().zip(&expected).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
            println!("3MHT {precision} on {path}: worst {worst:.2e}");
            assert!(worst <= bound && worst > 1e-4, "{precision} on {path}: ln p off by {worst:e}");
        });
    }
}
