-- Write-ahead log, a hundred thousand rows, indexes, full text search, r-tree, vacuum, backup.
pragma journal_mode = wal;
create table n(i integer primary key, h text, r real);
with recursive c(i) as (values (1) union all select i + 1 from c where i < 100000)
insert into n select i, hex(i * 2654435761 % 4294967296), (i * 7919 % 10007) / 3.0 from c;
create index nh on n(h); create index nr on n(r);
select count(*), sum(i), min(h), max(h), round(sum(r), 3) from n;
select count(*) from n a join n b on a.i = b.i + 1 where a.r > b.r;
select i, h from n where h between 'A' and 'B' order by h, i limit 5;
select i % 10 g, count(*), round(avg(r), 4) from n group by g order by g;
create virtual table doc using fts5(title, body);
insert into doc values ('loader', 'maps the segments of a program'), ('linker', 'joins object files into a program'), ('libc', 'the library of C');
select title, snippet(doc, 1, '<', '>', '..', 4) from doc where doc match 'program' order by rank, title;
create virtual table box using rtree(id, x0, x1, y0, y1);
insert into box values (1, 0, 10, 0, 10), (2, 5, 15, 5, 15), (3, 20, 30, 20, 30);
select id from box where x1 > 4 and x0 < 12 order by id;
delete from n where i % 3 = 0; select changes(); vacuum; select count(*) from n;
.backup copy.db
.open copy.db
select count(*), sum(i) from n; pragma integrity_check;
.dump box_node
