module github.com/ihae/ihae/kernel/_gen

go 1.26.0
