"""Offices of the launch cities, marked as specimens, and addresses that do not exist.

Region codes are those of GB/T 2260; the plate prefixes are known from public pages only. The
first three cities are the pilots of 2021-06-01, the others followed on 2021-09-01.
"""

from jiazhao.licence.licence import IssuingOffice
from jiazhao.specimen.draws import Draws

_CITIES = {
    "Chengdu": ("5101", "四川省成都市", "川A"),
    "Suzhou": ("3205", "江苏省苏州市", "苏E"),
    "Tianjin": ("1200", "天津市", "津A"),
    "Beijing": ("1100", "北京市", "京A"),
    "Shijiazhuang": ("1301", "河北省石家庄市", "冀A"),
    "Changchun": ("2201", "吉林省长春市", "吉A"),
    "Daqing": ("2306", "黑龙江省大庆市", "黑E"),
    "Shanghai": ("3100", "上海市", "沪A"),
    "Wuxi": ("3202", "江苏省无锡市", "苏B"),
    "Yancheng": ("3209", "江苏省盐城市", "苏J"),
    "Taizhou": ("3212", "江苏省泰州市", "苏M"),
    "Ningbo": ("3302", "浙江省宁波市", "浙B"),
    "Jiaxing": ("3304", "浙江省嘉兴市", "浙F"),
    "Nanchang": ("3601", "江西省南昌市", "赣A"),
    "Jinan": ("3701", "山东省济南市", "鲁A"),
    "Qingdao": ("3702", "山东省青岛市", "鲁B"),
    "Changsha": ("4301", "湖南省长沙市", "湘A"),
    "Guangzhou": ("4401", "广东省广州市", "粤A"),
    "Shenzhen": ("4403", "广东省深圳市", "粤B"),
    "Nanning": ("4501", "广西壮族自治区南宁市", "桂A"),
    "Chongqing": ("5000", "重庆市", "渝A"),
    "Zigong": ("5103", "四川省自贡市", "川C"),
    "Mianyang": ("5107", "四川省绵阳市", "川B"),
    "Nanchong": ("5113", "四川省南充市", "川R"),
    "Guiyang": ("5201", "贵州省贵阳市", "贵A"),
    "Kunming": ("5301", "云南省昆明市", "云A"),
    "Xi'an": ("6101", "陕西省西安市", "陕A"),
    "Yinchuan": ("6401", "宁夏回族自治区银川市", "宁A"),
}
CITIES = tuple(_CITIES)

_STREETS = (
    *("银杏路", "梧桐街", "云杉路", "书院巷", "长庚路", "清溪街", "石榴路", "桃溪路"),
    *("青枫街", "白鹭路", "学府东路", "丹桂巷", "麦田路", "望山街", "听雨巷", "南风大道"),
)


def office(city: str) -> IssuingOffice:
    """The traffic police of `city`, its name beginning with 样本 and SPECIMEN."""
    region, name, prefix = _CITIES[city]
    return IssuingOffice(
        code=f"{region}00000400",
        name=f"样本{name}公安局交通警察支队",
        name_latin=f"SPECIMEN {city} Public Security Bureau, Traffic Police",
        prefix=prefix,
    )


def address(city: str, draws: Draws) -> str:
    """An address in the district 样本区 of `city`; no city has one."""
    street = f"{_CITIES[city][1]}样本区{draws.one_of(_STREETS)}{draws.between(1, 280)}号"
    room = f"{draws.between(1, 32)}{draws.between(1, 6):02d}室"
    if draws.chance(25):
        return street
    return f"{street}{draws.between(1, 18)}栋{draws.between(1, 4)}单元{room}"
