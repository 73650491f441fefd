"""Names of nobody: family names as they are common, given names put together by chance.

The Latin names are those of passports (GB/T 28039-2011: ü becomes YU). Where a family name is
read otherwise than the character elsewhere (单 SHAN, 曾 ZENG, 仇 QIU, 解 XIE), the Latin name comes
from the register, as it must in life: no program can know it.
"""

from dataclasses import dataclass

from jiazhao.licence.licence import LatinNameSource, Sex
from jiazhao.specimen.draws import Draws


@dataclass(frozen=True, slots=True)
class Name:
    """A name in both scripts. `family` is empty where a people does not use family names."""

    family: str
    given: str
    family_latin: str
    given_latin: str
    source: LatinNameSource


def _pairs(table: str) -> tuple[tuple[str, str], ...]:
    words = table.split()
    return tuple(zip(words[::2], words[1::2], strict=True))


FAMILY = _pairs(
    "王 WANG 李 LI 张 ZHANG 刘 LIU 陈 CHEN 杨 YANG 赵 ZHAO 黄 HUANG 周 ZHOU 吴 WU 徐 XU 孙 SUN "
    "胡 HU 朱 ZHU 高 GAO 林 LIN 何 HE 郭 GUO 马 MA 罗 LUO 梁 LIANG 宋 SONG 郑 ZHENG 谢 XIE "
    "韩 HAN 唐 TANG 冯 FENG 于 YU 董 DONG 萧 XIAO 程 CHENG 曹 CAO 袁 YUAN 邓 DENG 许 XU 傅 FU "
    "沈 SHEN 彭 PENG 苏 SU 卢 LU 蒋 JIANG 蔡 CAI 贾 JIA 丁 DING 魏 WEI 薛 XUE 叶 YE 阎 YAN "
    "欧阳 OUYANG 上官 SHANGGUAN 司徒 SITU 慕容 MURONG"
)
POLYPHONIC = _pairs("单 SHAN 曾 ZENG 仇 QIU 吕 LYU 解 XIE 朴 PIAO 查 ZHA 盖 GE 尉迟 YUCHI")

# Given names follow fashion: people born before 1970, before 1990, and later.
_MALE = (
    _pairs("建 JIAN 国 GUO 志 ZHI 德 DE 永 YONG 福 FU 庆 QING 保 BAO 荣 RONG 根 GEN 有 YOU 贵 GUI"),
    _pairs("伟 WEI 勇 YONG 军 JUN 磊 LEI 强 QIANG 涛 TAO 斌 BIN 峰 FENG 鹏 PENG 凯 KAI 海 HAI"),
    _pairs("浩 HAO 宇 YU 轩 XUAN 泽 ZE 航 HANG 辰 CHEN 奕 YI 恒 HENG 铭 MING 睿 RUI 川 CHUAN"),
)
_FEMALE = (
    _pairs("秀 XIU 兰 LAN 桂 GUI 英 YING 珍 ZHEN 玉 YU 淑 SHU 凤 FENG 莲 LIAN 素 SU 琴 QIN"),
    _pairs("丽 LI 静 JING 敏 MIN 艳 YAN 娟 JUAN 霞 XIA 燕 YAN 玲 LING 红 HONG 慧 HUI 梅 MEI"),
    _pairs("雨 YU 欣 XIN 怡 YI 涵 HAN 诗 SHI 萱 XUAN 梦 MENG 瑶 YAO 婷 TING 雪 XUE 琪 QI"),
)
_EITHER = _pairs("文 WEN 嘉 JIA 晨 CHEN 宁 NING 清 QING 书 SHU 远 YUAN 思 SI 安 AN 知 ZHI 禾 HE")

# Rare characters; all but 䶮 lie in a supplementary plane, which fonts and columns like to lose.
RARE = _pairs("𠮷 JI 𬱖 DI 䶮 YAN 𬭎 HONG")
# Given names of one character come from here only: with common ones somebody famous turns up.
_ALONE = _pairs("禾 HE 澈 CHE 屿 YU 翎 LING 霁 JI 樾 YUE 芮 RUI 晗 HAN 喆 ZHE 翀 CHONG 赟 YUN")

_UYGHUR_MALE = _pairs("吐尔逊 TURSUN 艾力 ELI 亚力坤 YALKUN 玉山 HUSAN")
_UYGHUR_FEMALE = _pairs("阿依努尔 AYNUR 帕丽达 PARIDA 热依汗 RAYHAN 茹仙 ROSHAN")
_UYGHUR_FATHER = _pairs("买买提 MAMAT 艾山 HASAN 卡德尔 KADIR 亚森 YASIN 吾守尔 HOSHUR")
_TIBETAN = _pairs("次仁 CIREN 央金 YANGJIN 卓玛 ZHUOMA 扎西 ZHAXI 才让 CAIRANG 旦增 DANZENG")

FOREIGNERS = (
    ("TOMÁS", "OLIVEIRA ESTEVES", "BR", "BRA", Sex.MALE),
    ("ANNE-MARIE", "SØRENSEN", "DK", "DNK", Sex.FEMALE),
    ("AIGERIM", "NURLANOVA", "KZ", "KAZ", Sex.FEMALE),
    ("JÜRGEN", "MUSTERMANN", "DE", "DEU", Sex.MALE),
    ("LUCÍA", "EJEMPLO RÍOS", "ES", "ESP", Sex.FEMALE),
)


def han_name(draws: Draws, sex: Sex, birth_year: int, *, kind: str = "han") -> Name:
    """A Chinese name. `kind` is han, polyphonic (the family name) or rare (a given character)."""
    family, family_latin = draws.one_of(POLYPHONIC if kind == "polyphonic" else FAMILY)
    generation = 0 if birth_year < 1970 else 1 if birth_year < 1990 else 2
    own = (_MALE if sex is Sex.MALE else _FEMALE)[generation]
    first = draws.one_of(_EITHER if generation == 2 or draws.chance(40) else own)
    last = draws.one_of(RARE if kind == "rare" else own)
    given = [first, last if last != first else _EITHER[0]]
    if draws.chance(12) and kind != "rare":
        given = [draws.one_of(_ALONE)]
    if kind == "polyphonic":
        source = LatinNameSource.REGISTER
    else:
        source = LatinNameSource.PASSPORT if draws.chance(30) else LatinNameSource.MACHINE
    return Name(
        family=family,
        given="".join(hanzi for hanzi, _ in given),
        family_latin=family_latin,
        given_latin="".join(latin for _, latin in given),
        source=source,
    )


def dotted_name(draws: Draws, sex: Sex) -> Name:
    """A Uyghur name: one's own and the father's, with the middle dot U+00B7 between them."""
    own = draws.one_of(_UYGHUR_MALE if sex is Sex.MALE else _UYGHUR_FEMALE)
    father = draws.one_of(_UYGHUR_FATHER)
    return Name("", f"{own[0]}·{father[0]}", father[1], own[1], LatinNameSource.REGISTER)


def foreign_name(given: str, family: str) -> Name:
    """A name in Latin letters only: the card shows it whole, in the order of the passport."""
    return Name("", f"{given} {family}", family, given, LatinNameSource.PASSPORT)


def tibetan_name(draws: Draws) -> Name:
    """A Tibetan name: two words, neither of them a family name."""
    first, second = draws.one_of(_TIBETAN[:3]), draws.one_of(_TIBETAN[3:])
    return Name("", first[0] + second[0], second[1], first[1], LatinNameSource.REGISTER)
