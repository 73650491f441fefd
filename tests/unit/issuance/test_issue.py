"""x"""
from jiazhao.app import House
from tests.houses import Phone
def test_it(house: House, phone: Phone) -> None:
    phone.claim()
