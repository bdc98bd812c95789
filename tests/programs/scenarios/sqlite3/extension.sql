-- A loadable extension through dlopen, and one that is not there; the shell goes on with -cmd.
.load ./app/series sqlite3_series_init
select sum(value), count(*), max(value) from generate_series(1, 1000, 7);
create table t as select value v, value * value sq from generate_series(1, 20);
select * from t where v % 5 = 0;
.mode csv
.once out.csv
select * from t limit 3;
.import out.csv again
select count(*) from again;
.shell busybox wc -l out.csv
.mode json
select * from t limit 2;
