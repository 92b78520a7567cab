"""A small valid instance as the text of its files, and as one mapping."""

from copy import deepcopy

VALID = {
    "sites": "site,region,operator\nfab,TW,acme\nosat,US,acme\n",
    "items": "item,stage,value\ndie,wafer,20\nchip,packaging,50\n",
    "processes": "site,item,unit_cost,yield,lead_time\nfab,die,10,0.9,0\nosat,chip,5,1,0\n",
    "components": "item,component,quantity\nchip,die,2\n",
    "capacities": "site,period,capacity\nfab,*,500\nosat,*,300\n",
    "customers": "customer,name,region\ncloud,Cloud,US\nlab,Lab,TW\n",
    "demand": "customer,item,period,quantity,price,late_cost,lost_cost,must_serve\n"
    "cloud,chip,2027Q1,40,100,3,,\ncloud,chip,2027Q2,50,100,3,,\nlab,chip,*,10,90,,120,0.5\n",
    "lanes": "from,to,item,unit_cost,lead_time\nfab,osat,die,1,0\nosat,cloud,*,2,0\nosat,region:TW,chip,3,0\n",
    "lane_capacities": "from,to,item,period,capacity\nfab,osat,*,*,400\n",
    "tariffs": "from_region,to_region,item,rate,period\nTW,US,*,0.1,2027Q2..\n",
    "stocks": "site,item,opening,maximum\nfab,die,20,500\n",
    "arrivals": "site,item,period,quantity\nosat,die,2027Q2,15\n",
    "commitments": "commitment,site,resource,item,period,minimum,shortfall_cost\ndeal,fab,,,*,50,4\n",
    "expansions": "option,site,period,capacity,fixed_cost,unit_cost,all_or_nothing\nmore,osat,2027Q2,100,0,6,no\n",
}
SETTINGS = """schema_version: 1
name: small
currency: USD
periods: {first: 2027Q1, count: 3, length: quarter}
regions: {TW: Taiwan, US: United States}
region_groups: {world: [TW, US]}
stages: [wafer, packaging]
"""
POLICY = """name: limited
limits:
  - {name: cap, measure: stage, stage: packaging, of: US, max_share: 1.0}
"""
SCENARIO = """name: strike
changes:
  - {change: capacity, where: {site: osat}, period: 2027Q2, factor: 0.5}
"""


def as_mapping():
    """The same instance as one mapping."""
    mapping = {
        "schema_version": 1,
        "name": "small",
        "currency": "USD",
        "periods": {"first": "2027Q1", "count": 3, "length": "quarter"},
        "region_groups": {"world": ["TW", "US"]},
        "stages": ["wafer", "packaging"],
    }
    for name, text in VALID.items():
        header, *rows = (line.split(",") for line in text.splitlines())
        mapping[name] = [{key: cell for key, cell in zip(header, row, strict=True) if cell} for row in rows]
    return deepcopy(mapping)
