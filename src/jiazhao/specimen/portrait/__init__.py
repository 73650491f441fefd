"""Portraits of nobody, drawn in code: 260 by 378 pixels, white ground, marked as specimens.

The measures are those of the archive's photo: the head is 165 to 189 pixels wide and 224 to 260
high, its top 10 to 20 pixels below the edge, the clothes are dark, ears and brows show. Points
are rounded to whole pixels of the large drawing, so one version of Pillow makes the same bytes.
"""

from jiazhao.specimen.portrait.sitting import portrait

__all__ = ["portrait"]
