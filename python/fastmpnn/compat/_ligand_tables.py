"""LigandMPNN's tables of letters, elements and atoms.

Source: the published ``data_utils.py``.
"""

from __future__ import annotations


def _names(text: str) -> list[str]:
    """Give the names of a list."""
    return text.split()


#: Letters in the order of their indexes.
alphabet = list("ACDEFGHIKLMNPQRSTVWYX")
#: Letter to index.
restype_str_to_int = {letter: index for index, letter in enumerate(alphabet)}
#: Index to letter.
restype_int_to_str = dict(enumerate(alphabet))
_NAMES = _names("ALA CYS ASP GLU PHE GLY HIS ILE LYS LEU MET ASN PRO GLN ARG SER THR VAL TRP TYR UNK")
#: Letter to residue name.
restype_1to3 = dict(zip(alphabet, _NAMES, strict=True))
#: Residue name to letter, of the twenty.
restype_3to1 = {name: letter for letter, name in restype_1to3.items() if letter != "X"}

#: Symbols of elements, in capitals, by atomic number from 1; ``MB`` stands where Mo should, as in the published table.
element_list = _names(
    """
    H HE LI BE B C N O F NE NA MG AL SI P S CL AR K CA SC TI V CR MN FE CO NI CU ZN GA GE AS SE BR KR RB SR Y ZR NB MB
    TC RU RH PD AG CD IN SN SB TE I XE CS BA LA CE PR ND PM SM EU GD TB DY HO ER TM YB LU HF TA W RE OS IR PT AU HG TL
    PB BI PO AT RN FR RA AC TH PA U NP PU AM CM BK CF ES FM MD NO LR RF DB SG BH HS MT DS RG CN UUT FL UUP LV UUS UUO
    """
)
#: Number to symbol; as in the published table the last element has none.
element_dict_rev = dict(enumerate(element_list[:-1], 1))
ELEMENT_NUMBERS = {symbol: number for number, symbol in element_dict_rev.items()}

# The 37 atoms of the twenty amino acids, in the order of `xyz_37`.
ATOM_37 = _names(
    """
    N CA C CB O CG CG1 CG2 OG OG1 SG CD CD1 CD2 ND1 ND2 OD1 OD2 SD CE CE1 CE2 CE3 NE NE1 NE2 OE1 OE2 CH2 NH1 NH2 OH CZ
    CZ2 CZ3 NZ OXT
    """
)
BACKBONE = ("N", "CA", "C", "O")
_SIDE_CHAINS = {
    "ALA": "CB",
    "ARG": "CB CG CD NE CZ NH1 NH2",
    "ASN": "CB CG OD1 ND2",
    "ASP": "CB CG OD1 OD2",
    "CYS": "CB SG",
    "GLN": "CB CG CD OE1 NE2",
    "GLU": "CB CG CD OE1 OE2",
    "GLY": "",
    "HIS": "CB CG ND1 CD2 CE1 NE2",
    "ILE": "CB CG1 CG2 CD1",
    "LEU": "CB CG CD1 CD2",
    "LYS": "CB CG CD CE NZ",
    "MET": "CB CG SD CE",
    "PHE": "CB CG CD1 CD2 CE1 CE2 CZ",
    "PRO": "CB CG CD",
    "SER": "CB OG",
    "THR": "CB OG1 CG2",
    "TRP": "CB CG CD1 CD2 CE2 CE3 NE1 CZ2 CZ3 CH2",
    "TYR": "CB CG CD1 CD2 CE1 CE2 CZ OH",
    "VAL": "CB CG1 CG2",
}
_MOST_ATOMS = 14
#: Residue name to the names of its heavy atoms, filled up to 14 with empty ones.
restype_name_to_atom14_names = {
    name: [*BACKBONE, *chain.split(), *[""] * (_MOST_ATOMS - 4 - len(chain.split()))]
    for name, chain in _SIDE_CHAINS.items()
} | {"UNK": [""] * _MOST_ATOMS}
