"""The words of facts: which attributes there are, who may have them, what a value may look like."""

from __future__ import annotations

import re
from typing import NamedTuple

from ltm_cli.nlp.patterns import lazy

ME = "me"


class Stated(NamedTuple):
    """One fact: a piece of text, of whom, of what, and how sure the pattern is (0 to 1)."""

    subject: str
    attribute: str
    value: str
    confidence: float


# Attributes that somebody may have several values of at once. Any other has one: a new value
# takes the place of the one before.
_MANY = frozenset("likes dislikes allergy pet speaks owns illness medication studies".split())


def is_single(attribute: str) -> bool:
    """Whether an attribute has one value at a time."""
    return attribute not in _MANY


# What may stand in "my …", "Tom's …", "the … of the cabin", 我的…, 张三的…: one line for each
# attribute, its name first, then the words for it. A check (below) says what a value looks like.
_NAMED = """
name: full name|name|名字|姓名|全名
birthday: date of birth|birthday|出生日期|生日
phone: telephone number|phone number|mobile number|cell number|telephone|mobile|phone|手机号码|电话号码|联系电话|手机号|电话|手机
email: e-mail address|email address|e-mail|email|电子邮箱|邮箱地址|邮箱
address: home address|address|家庭住址|住址|地址
age: age|年龄|岁数
job: job title|occupation|profession|job|职业|职位
employer: employer|单位名称|单位
hometown: hometown|home town|老家|家乡|籍贯
blood type: blood type|blood group|血型
height: height|身高
weight: weight|体重
shoe size: shoe size|鞋码|鞋号
licence plate: licence plate|license plate|number plate|车牌号码|车牌号|车牌
passport number: passport number|护照号码|护照号
id number: id number|身份证号码|身份证号
wechat: wechat id|wechat|微信号|微信
nationality: nationality|国籍
school: 母校
wifi password: wi-fi password|wifi password|wifi密码|wi-fi密码|wifi 密码|无线密码|无线网密码
password: password|passcode|密码
pin: pin code|pin
door code: door code|gate code
locker number: locker number|储物柜号
room number: room number|房间号
"""
_CHECKS = {
    "name": r"(?:(?:Dr|Mr|Mrs|Ms|Prof)\.? )?[A-ZÀ-Þ\u4e00-\u9fff][\w'’·-]*(?: (?:[A-ZÀ-Þ][\w'’.-]*|de|van|von|der|la|di|al|bin))*",
    "birthday": r"(?=.*(?:\d|月|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)))[^,，]{2,30}",
    "phone": r"\+?[\d(][\d ()/-]{3,}\d(?: ?(?:ext\.?|转) ?\d+)?",
    "email": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*",
    "address": r"(?=.*\d).{4,80}",
    "age": r"\d{1,3}",
    "height": r"\d.{1,11}",
    "weight": r"\d.{1,11}",
    "shoe size": r"(?=.*\d).{1,8}",
    "blood type": r"(?i:(?:a|b|ab|o)(?:[ -]?(?:positive|negative|[+-]|rh[+-]))?型?(?:血)?|[abo]{1,2}型.{0,4})",
    "licence plate": r"(?=.*\d)[\w\u00b7· -]{4,12}",
    "passport number": r"(?=.*\d)[A-Z0-9]{6,12}",
    "id number": r"(?=.*\d)[\w-]{6,20}",
    "pin": r"\d{3,8}",
    "hometown": r"[A-ZÀ-Þ\u4e00-\u9fff].{1,30}",
    "wifi password": r"\S{3,40}",
    "password": r"\S{3,40}",
    "wechat": r"[\w.-]{3,30}",
    "nationality": r"[A-ZÀ-Þ\u4e00-\u9fff][\w ]{1,20}",
}
_CODE = r"(?=.*[\d#*])\S{2,20}"  # what any other number or code looks like
_SHORT = r"[^\s,，](?:[^,，。;；]{0,38}[^\s,，。;；])?"

ATTRIBUTES: dict[str, str] = {
    word: name
    for line in _NAMED.strip().splitlines()
    for name, words in [line.split(": ")]
    for word in words.split("|")
}
_LONGEST_FIRST = sorted(ATTRIBUTES, key=len, reverse=True)
NAMED_EN = "|".join(re.escape(word) for word in _LONGEST_FIRST if word.isascii())
NAMED_ZH = "|".join(re.escape(word) for word in _LONGEST_FIRST if not word.isascii())


def fits(attribute: str, value: str) -> bool:
    """Whether a value looks like one of the attribute."""
    coded = attribute.endswith(("code", "number", "密码", "号"))
    check = _CHECKS.get(attribute, _CODE if coded else _SHORT)
    return re.fullmatch(check, value) is not None


def same(subject: str) -> str:
    """What two ways to write one subject have in common: 我的妹妹 is 我妹妹, "Tom" is "tom"."""
    folded = " ".join(subject.casefold().split())
    return folded.replace("我的", "我", 1)


def shaped(attribute: str, said: str) -> list[str]:
    """The value at the beginning of what was said, for what its look alone delimits."""
    match = re.match(_CHECKS[attribute], said) if attribute in ("phone", "email") else None
    return [match.group()] if match else []


RELATIONS_EN = (
    "mother mom mum father dad parents sister brother son daughter wife husband partner spouse"
    " girlfriend boyfriend fiancée fiancé grandmother grandma granny grandfather grandpa aunt uncle"
    " cousin niece nephew stepmother stepfather stepson stepdaughter roommate flatmate housemate"
    " friend neighbour neighbor boss manager supervisor colleague coworker landlord landlady doctor"
    " dentist vet therapist teacher professor tutor coach lawyer accountant cat dog kitten puppy"
    " hamster rabbit parrot horse baby twin"
).split()
RELATIONS_ZH = (
    "妈妈 母亲 老妈 爸爸 父亲 老爸 妈 爸 姐姐 妹妹 哥哥 弟弟 姐 妹 哥 弟 儿子 女儿 孩子 老婆 妻子 太太 爱人 老公 丈夫 先生"
    " 女朋友 男朋友 女友 男友 对象 奶奶 爷爷 外婆 外公 姥姥 姥爷 姑姑 姑妈 叔叔 舅舅 阿姨 姨妈 伯伯 伯父 伯母 婶婶 舅妈 姨父 姑父 嫂子 姐夫 妹夫 弟媳 岳父 岳母 公公 婆婆 表哥 表弟 表姐 表妹 堂哥 堂弟"
    " 堂姐 堂妹 侄子 侄女 外甥 外甥女 室友 同事 同学 同桌 朋友 闺蜜 邻居 老板 上司 领导 下属 经理 导师 老师 医生 牙医 律师 房东 教练 猫 狗 小猫 小狗"
).split()

OCCUPATIONS_EN = (
    "nurse doctor teacher engineer programmer developer designer lawyer accountant translator"
    " writer author journalist editor photographer musician artist painter actor actress singer"
    " dancer chef cook baker waiter waitress barista bartender driver pilot farmer gardener"
    " carpenter plumber electrician mechanic builder architect scientist physicist chemist"
    " biologist mathematician researcher professor lecturer tutor librarian student pharmacist"
    " dentist vet veterinarian surgeon psychologist therapist counselor counsellor physiotherapist"
    " paramedic firefighter soldier detective judge secretary receptionist cashier"
    " salesperson manager consultant analyst banker economist entrepreneur freelancer firefighter"
    " policeman policewoman postman hairdresser tailor butcher florist jeweller plumber welder"
    " technician administrator technologist statistician midwife caregiver nanny"
).split()
OCCUPATIONS_ZH = (
    "护士 医生 老师 教师 教授 讲师 工程师 程序员 设计师 律师 会计 翻译 作家 记者 编辑 摄影师 音乐家 画家 演员 歌手 厨师 面包师 服务员"
    " 司机 飞行员 农民 园丁 木匠 电工 水管工 建筑师 科学家 物理学家 化学家 数学家 研究员 图书管理员 学生 大学生 研究生 博士生 药剂师 牙医 兽医"
    " 外科医生 心理咨询师 消防员 军人 警察 法官 秘书 前台 收银员 销售 经理 产品经理 顾问 分析师 银行职员 创业者 自由职业者 邮递员 理发师 裁缝 公务员"
    " 保姆 快递员 外卖员 导游 健身教练 主播 博主"
).split()

ILLNESSES_EN = (
    "asthma|diabetes|migraines?|epilepsy|arthritis|hay fever|eczema|psoriasis|coeliac disease"
    "|celiac disease|anemia|anaemia|insomnia|adhd|tinnitus|blood pressure|depression|glaucoma|gout"
    "|dyslexia|sleep apnea"
).split("|")

LANGUAGES_EN = (
    "English Chinese Mandarin Cantonese Spanish French German Dutch Italian Portuguese Russian"
    " Japanese Korean Arabic Hindi Bengali Urdu Turkish Polish Swedish Norwegian Danish Finnish"
    " Greek Hebrew Czech Hungarian Romanian Ukrainian Vietnamese Thai Indonesian Malay Swahili"
    " Catalan Welsh Irish Gaelic Latin Esperanto Persian Farsi Tamil Telugu Croatian Serbian"
).split()

PLACES_ZH = (
    "北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海"
    " 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 中国 美国 英国 法国 德国 日本 韩国 加拿大 澳大利亚 新加坡 马来西亚 东北 广州 深圳 杭州 南京 苏州"
    " 成都 武汉 西安 长沙 郑州 青岛 济南 大连 沈阳 哈尔滨 长春 厦门 福州 泉州 温州 宁波 无锡 合肥 昆明 贵阳 南宁 南昌 太原 石家庄 兰州 乌鲁木齐"
    " 呼和浩特 海口 三亚 珠海 佛山 东莞 烟台 洛阳 绍兴 嘉兴 扬州 徐州 潮汕 客家"
).split()

SURNAMES_ZH = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方"
    "白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)

# A text without any of these words states nothing that is looked for.
_TRIGGERS_EN = frozenset(
    """live lives living resides reside based moved relocated born grew from name named called birthday
    birth phone number mobile telephone email mail address password passcode pin code plate allergic
    allergy allergies love loves like likes enjoy enjoys adore adores prefer prefers into fond fan
    crazy hate hates dislike dislikes detest detests loathe loathes despise despises stand bear
    favourite favorite work works working job employer occupation profession study studies studying
    major majors years turned blood shoe size tall height weigh weighs weight diagnosed suffer suffers
    own owns drive drives speak speaks hometown married wifi wechat nationality take takes
    """.split()
).union(OCCUPATIONS_EN, *(illness.rstrip("?").split() for illness in ILLNESSES_EN))
# Every word begins with a literal, so that the search skips to where one may begin.
_TRIGGERS_ZH = lazy("|".join((
    *"住 搬 叫 岁 讨厌 烦 出生 生日 鞋码 鞋号 喜欢 热爱 最爱 酷爱 喜爱 钟爱 爱吃 爱喝 爱看 爱听 爱玩 爱打 爱跑 爱读 爱上 迷上 过敏 受不了 反感 上班 工作 任职"
    " 就职 职业 职位 从事 确诊 患有 患上 得了 诊断 血型 身高 体重 密码 电话 手机 邮箱 地址 车牌 护照 号码 微信 身份证 单位 国籍 母校 房间号 是一"
    " 是个 来自 老家 家乡 籍贯 大学 学院 中学 小学 高中 人。 人， 人！ 人； 养了 养着 每天吃 服用 开的 开着 开一 名字 姓名 公司 会说 会讲 favo 我是 是我".split(),
    *OCCUPATIONS_ZH,
)))  # fmt: skip
_GREETINGS = frozenset({"hi", "hello", "hey"})
_WORDS = re.compile("[a-z]+")


def may_state(text: str) -> bool:
    """Whether a text holds any word that could state something."""
    if not text.isascii() and (_TRIGGERS_ZH.search(text) or text.endswith("人")):
        return True
    words = set(words_of(text))
    if not _TRIGGERS_EN.isdisjoint(words):
        return True
    am = "m" in words or "am" in words  # "I'm 34", "Hi, I'm Petra"
    return am and (not _GREETINGS.isdisjoint(words) or any(map(str.isdigit, text)))


def words_of(text: str) -> list[str]:
    """The runs of Latin letters in a text, in lower case."""
    return _WORDS.findall(text.lower())
