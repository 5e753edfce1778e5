"""Print what Biopython's ProtParam says of some sequences: the numbers in the tests of FastMPNN's sequence properties.

Run with Biopython 1.88: ``python reference/sequence_properties.py``.
"""

from Bio.SeqUtils.ProtParam import ProteinAnalysis

SEQUENCES = {
    "lysozyme": "KVFGRCELAAAMKRHGLDNYRGYSLGNWVCAAKFESNFNTQATNRNTDGSTDYGILQINSRWWCNDGRTPGSRNLCNIPCSALLSSDITASVNC"
    "AKKIVSDGNGMNAWVAWRNRCKGTDVQAWIRGCRL",
    "ubiquitin": "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDKEGIPPDQQRLIFAGKQLEDGRTLSDYNIQKESTLHLVLRLRGG",
    "basic": "PKRKRHHAD",
    "glycine": "G",
}

if __name__ == "__main__":
    for name, sequence in SEQUENCES.items():
        protein = ProteinAnalysis(sequence)
        print(
            name,
            protein.charge_at_pH(7.0),
            protein.isoelectric_point(),
            protein.molar_extinction_coefficient(),
            protein.gravy(),
        )
