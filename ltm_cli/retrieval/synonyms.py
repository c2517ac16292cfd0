"""Words that mean the same in a person's life: family, work, contact, body, home.

A small hand-written thesaurus: a question about a mother finds what was said of mom, and one
about a workplace what was said of a company. Each line is one group; it works in both directions.
"""

from __future__ import annotations

from functools import lru_cache

from ltm_cli.indexing import tokenizer

_GROUPS = """
mother mom mum mommy
father dad daddy
parents folks mom dad
grandmother grandma granny
grandfather grandpa
kids children child son daughter
husband wife spouse partner
boyfriend girlfriend partner
siblings brother sister
friend buddy pal
pet dog puppy pup cat kitty
job work career profession occupation
company firm employer office
boss manager supervisor
colleague coworker
school college university
study degree major education
home house apartment flat
movie film
photo picture pic
car vehicle
phone mobile cell
doctor physician
illness sick disease
buy bought purchase purchased get got
begin start started
trip travel vacation holiday visit
food meal dish cuisine
hobby hobbies pastime interests
favorite favourite love
exercise workout gym fitness
birthday born
author writer wrote
painting painted art artwork
marry married wedding
妈妈 母亲 老妈
爸爸 父亲 老爸
爷爷 祖父
奶奶 祖母
外婆 姥姥
外公 姥爷
妻子 老婆 太太 爱人
丈夫 老公 爱人
孩子 儿子 女儿
名字 姓名 叫
年龄 岁数 多大 岁
身高 厘米 个子 多高
体重 公斤
生日 出生
电话 手机号 号码 电话号
邮箱 邮件
家乡 老家 出生地
学历 教育 毕业 文凭 高中 大专 本科 硕士 博士
职位 职务 岗位 头衔
职业 工作 上班
单位 公司 工作
工作地 上班
爱好 兴趣 喜欢 爱 中意
性格 脾气
地点 地址 位置
规模 人数
时间 日期
活动 参加
买 购买
家电 电器 冰箱 洗衣机 空调 电视 净化器 吸尘器 洗碗机
美妆 化妆品 口红 护肤
电影 影片
汽车 车子
医生 大夫
旅行 旅游 出游
开始 起
"""


@lru_cache(maxsize=1)
def _group_by_term() -> dict[str, tuple[str, ...]]:
    groups = [[_term(word) for word in line.split()] for line in _GROUPS.strip().splitlines()]
    found: dict[str, dict[str, None]] = {}
    for group in groups:
        for term in group:
            found.setdefault(term, {}).update(dict.fromkeys(t for t in group if t != term))
    return {term: tuple(others) for term, others in found.items()}


def _term(word: str) -> str:
    """The index term that stands for a word: its stem, or the last bigram of a dense one."""
    return tokenizer.terms(word)[-1] if not tokenizer.is_dense(word) else word


def find_synonyms(term: str) -> tuple[str, ...]:
    """The index terms of words that are near in meaning to an index term; none for most."""
    return _group_by_term().get(term, ())
