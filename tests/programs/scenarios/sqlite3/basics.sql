-- Tables, transactions, joins, aggregates, windows, recursive queries, json, dates, triggers.
.headers on
create table person(id integer primary key, name text unique, born int, city text);
create table score(person int references person, points real);
insert into person(name, born, city) values ('ada', 1815, 'london'), ('alan', 1912, 'london'), ('grace', 1906, 'new york'), ('edsger', 1930, 'rotterdam');
insert into score select id, born % 97 + id / 3.0 from person;
begin; delete from person; rollback;
select city, count(*) n, avg(born) from person group by city having n > 0 order by city;
select name, points, rank() over (order by points desc) r from person join score on id = person order by r;
with recursive f(n, a, b) as (values (1, 0, 1) union all select n + 1, b, a + b from f where n < 50) select n, a from f where n % 10 = 0;
select json_extract('{"a":[1,{"b":2}]}', '$.a[1].b'), json_group_array(name) from person;
select key, value, type from json_each('{"x":1,"y":[2,3],"z":null}');
select date('2000-01-31', '+1 month'), strftime('%Y-%j', '2024-12-31'), julianday('2000-01-01');
create trigger t after insert on person begin insert into score values (new.id, -1); end;
insert into person(name) values ('linus'); select * from score where points < 0;
insert into person(name) values ('ada') on conflict(name) do update set born = 1; select name, born from person where id = 1;
select printf('%08.3f|%x|%s', 3.14159, 255, 'x'), hex(x'00ff'), quote('it''s'), typeof(1.5), upper('abc'), instr('loader', 'ad');
select sqrt(2), sin(1), pow(2, 0.5), ln(10), pi();
select group_concat(value, ',') from (select value from json_each('[3,1,2]') order by value);
create view v as select name from person where born < 1910; select * from v order by name;
pragma integrity_check;
explain query plan select * from person where name = 'ada';
