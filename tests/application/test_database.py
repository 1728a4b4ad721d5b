import psycopg
def test_a(database): 
    with psycopg.connect(database.administrator) as c: assert c.execute("select count(*) from log.event").fetchone()==(0,)
def test_b(records): pass
def test_c(empty_database): pass
