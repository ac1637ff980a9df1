"""The 47 violation patterns: their ids, and their names for people."""

# id: (Chinese name, English name), in the order of the taxonomy.
_NAMES: dict[str, tuple[str, str]] = {
    "guaranteed_return": ("保本保收益／无风险承诺", "Guaranteed principal or return"),
    "high_return": ("高收益高回报诱导", "High-return inducement"),
    "guarantee_backing": ("虚假担保／兜底／国资背景背书", "False guarantee or state backing"),
    "missing_risk_notice": ("缺少风险提示／风险责任提示", "Risk notice missing"),
    "endorsement": (
        "专家／名人／机构／“受益者”推荐证明",
        "Endorsement by experts, celebrities or beneficiaries",
    ),
    "state_authority_use": ("冒用国家机关／政府公信力", "Borrowed authority of the state"),
    "license_misuse": ("冒用/曲解牌照、备案，套壳认证", "Licence or filing misused"),
    "superlative": ("绝对化用语（国家级/最高/最佳等）", "Superlatives"),
    "missing_ad_label": ("未显著标明”广告”／软文变相广告", "Advertising not labelled"),
    "unlicensed_publisher": (
        "无金融资质主体开展金融营销／发布者未查验",
        "Financial marketing without a licence",
    ),
    "finance_words_in_name": ("名称/经营范围/账号使用涉金融字样", "Financial words in a name"),
    "payee_anomaly": ("收款路径异常（个人户/境外户/现金/虚拟币）", "Irregular payee"),
    "consumer_rebate": ("消费返利／购物返本", "Consumption rebate"),
    "mutual_aid_finance": ("金融互助／资金互助盘", "Mutual-aid finance"),
    "pyramid_points": ("加盟积分／会员积分／拉人头返佣", "Points and head-count commissions"),
    "prepaid_card": ("预付卡／会员卡／股东卡／充值返利", "Prepaid and shareholder cards"),
    "virtual_currency": ("虚拟货币／挖矿／稳定币", "Virtual currency"),
    "blockchain_metaverse_nft": (
        "区块链／元宇宙／NFT／数字藏品／RWA",
        "Blockchain, metaverse, digital collectibles",
    ),
    "livestock_custody": ("种养殖托管／认养／代种代养", "Livestock and crop custody"),
    "sharing_economy": ("共享经济设备托管分红", "Shared-equipment custody"),
    "fintech_banner": ("金融创新／金融科技／AI 概念包装", "Fintech and AI banner"),
    "policy_banner": ("“一带一路”／国家战略／民族资产解冻类旗号", "State-policy banner"),
    "charity_poverty": ("慈善／扶贫／助农名义", "Charity and poverty-relief banner"),
    "elderly_care": ("养老项目／老年人群诱导", "Elderly care and old people"),
    "disabled_poor_targeted": (
        "针对残疾人／贫困人群／弱势群体",
        "Aimed at disabled or poor people",
    ),
    "forex_futures": ("炒外汇／期货／贵金属／现货", "Forex, futures, precious metals"),
    "gold_leasing": ("黄金租赁／托管／存金生息", "Gold leasing and custody"),
    "private_fund_public": ("私募公开募集／伪私募", "Private funds sold in public"),
    "original_shares": ("原始股／股权众筹／内部职工股", "Original shares"),
    "p2p_online_wealth": (
        "网贷理财／互联网理财平台（自融、资金池）",
        "Online lending and wealth platforms",
    ),
    "illegal_lending": ("非法放贷／现金贷／校园贷／套路贷／助贷反向收费", "Illegal lending"),
    "real_estate_leaseback": ("售后返租／产权式商铺／长租与民生预收", "Property leaseback"),
    "coop_deposits": ("农民合作社／资金互助社吸储", "Co-operative deposits"),
    "education_fundraising": ("教育培训／集资办学／校园基建集资", "Education fund-raising"),
    "medical_health": ("医疗健康／美容／生物科技投资", "Medical and health projects"),
    "tourism_culture": ("旅游／影视／文化演艺项目集资", "Tourism and film projects"),
    "collectibles_art": ("收藏品／邮币卡／艺术品／高价回购", "Collectibles and art"),
    "entrusted_trading": ("代客理财／代操盘／荐股带单", "Entrusted trading and stock tips"),
    "insurance_surrender": ("伪造保险／代理退保黑产", "Fake insurance and surrender agents"),
    "wine_tea_buyback": ("白酒／茶叶／珠宝玉石／食品 约定回购增值", "Liquor, tea and jade buyback"),
    "franchise_project": ("招商加盟／项目合伙夸大回报", "Franchise with promised return"),
    "unlicensed_crowdfunding": ("非法众筹／认筹／拼团集资", "Unlicensed crowdfunding"),
    "ad_click_task": ("看广告赚外快／刷单／挂机／零撸首码", "Paid clicks and task work"),
    "green_energy_project": ("光伏／充电桩／储能／碳汇／矿产项目投资", "Green-energy projects"),
    "overseas_investment": ("境外投资／移民／海外项目", "Overseas investment"),
    "zhengxin_dingrong": ("政信债／定融／伪金交所产品", "Government-credit and directed financing"),
    "pawn_guarantee_microloan": (
        "典当／担保／小贷／拍卖等机构超范围揽资",
        "Pawn, guarantee and microloan firms",
    ),
}
_SIGNAL = ("辅助信号", "Supporting signal")


def pattern_ids() -> tuple[str, ...]:
    """All pattern ids."""
    return tuple(_NAMES)


def pattern_name(pattern: str, language: str = "zh") -> str:
    """The pattern's name in `zh` or `en`; an unknown id is its own name."""
    names = _SIGNAL if pattern == "signal" else _NAMES.get(pattern, (pattern, pattern))
    return names[0] if language == "zh" else names[1]
